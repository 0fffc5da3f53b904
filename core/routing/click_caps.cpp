#include "core/routing/click_caps.h"

#include <algorithm>

#include "core/time_zone/window.h"

namespace tributary {
namespace {

template <typename Each>
void each_cap(const Caps* caps, Each&& each) noexcept {
  for (std::uint32_t i = 0; caps != nullptr && i < caps->size(); ++i) {
    each(*caps->Get(i));
  }
}

}  // namespace

CapUse use_of(const fbs::Cap& cap, std::uint64_t now_ms) noexcept {
  return {cap.slot(), window_of(now_ms, cap.period(), cap.zone()),
          static_cast<std::uint32_t>(std::clamp<std::int64_t>(cap.amount(), 0, UINT32_MAX))};
}

bool keeps_away(const fbs::Cap& cap) noexcept {
  return cap.measure() == fbs::CapMeasure::Clicks && cap.hard();
}

bool caps_have_room(const Caps* caps, RoutingState& state, std::uint64_t now_ms) noexcept {
  bool room = true;
  each_cap(caps, [&](const fbs::Cap& cap) {
    if (room && keeps_away(cap)) {
      const CapUse use = use_of(cap, now_ms);
      room = state.would_take(use.slot, use.window, use.limit) == CapTake::taken;
    }
  });
  return room;
}

ClickCaps::ClickCaps(const Caps* of_stream, const Caps* of_destination, std::uint64_t now_ms) noexcept
    : lists_{of_stream, of_destination}, now_ms_(now_ms) {
  add(of_stream, now_ms);
  add(of_destination, now_ms);
  std::sort(uses_.begin(), uses_.begin() + count_, [](const CapUse& a, const CapUse& b) { return a.slot < b.slot; });
}

void ClickCaps::add(const Caps* caps, std::uint64_t now_ms) noexcept {
  each_cap(caps, [&](const fbs::Cap& cap) {
    if (!keeps_away(cap)) {
      return;
    }
    too_many_ = too_many_ || count_ == kMost;
    if (!too_many_) {
      uses_[count_++] = use_of(cap, now_ms);
    }
  });
}

bool ClickCaps::take(RoutingState& state) noexcept {
  for (; taken_ < count_ && !too_many_; ++taken_) {
    const CapUse& use = uses_[taken_];
    if (state.take(use.slot, use.window, use.limit) != CapTake::taken) {
      give_back(state);
      return false;
    }
  }
  return !too_many_;
}

void ClickCaps::give_back(RoutingState& state) noexcept {
  for (; taken_ > 0; --taken_) {
    state.give_back(uses_[taken_ - 1].slot, uses_[taken_ - 1].window);
  }
}

void ClickCaps::count_soft(RoutingState& state) const noexcept {
  for (const Caps* caps : lists_) {
    each_cap(caps, [&](const fbs::Cap& cap) {
      if (cap.measure() == fbs::CapMeasure::Clicks && !cap.hard()) {
        state.count_up(cap.slot(), window_of(now_ms_, cap.period(), cap.zone()));
      }
    });
  }
}

}  // namespace tributary
