#include "core/routing/click_caps.h"

#include <algorithm>

#include "core/time_zone/window.h"

namespace tributary {
namespace {

template <typename Use>
void each_click_cap(const Caps* caps, bool hard, Use&& use) noexcept {
  for (std::uint32_t i = 0; caps != nullptr && i < caps->size(); ++i) {
    const fbs::Cap* cap = caps->Get(i);
    if (cap->measure() == fbs::CapMeasure::Clicks && cap->hard() == hard) {
      use(*cap);
    }
  }
}

std::uint32_t limit_of(const fbs::Cap& cap) noexcept {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(cap.amount(), 0, UINT32_MAX));
}

}  // namespace

bool caps_have_room(const Caps* caps, RoutingState& state, std::uint64_t now_ms) noexcept {
  bool room = true;
  each_click_cap(caps, true, [&](const fbs::Cap& cap) {
    room = room &&
           state.would_take(cap.slot(), window_of(now_ms, cap.period(), cap.zone()), limit_of(cap)) == CapTake::taken;
  });
  return room;
}

ClickCaps::ClickCaps(const Caps* of_stream, const Caps* of_destination, std::uint64_t now_ms) noexcept
    : lists_{of_stream, of_destination}, now_ms_(now_ms) {
  add(of_stream, now_ms);
  add(of_destination, now_ms);
  std::sort(uses_.begin(), uses_.begin() + count_, [](const Use& a, const Use& b) { return a.slot < b.slot; });
}

void ClickCaps::add(const Caps* caps, std::uint64_t now_ms) noexcept {
  each_click_cap(caps, true, [&](const fbs::Cap& cap) {
    too_many_ = too_many_ || count_ == kMost;
    if (!too_many_) {
      uses_[count_++] = {cap.slot(), window_of(now_ms, cap.period(), cap.zone()), limit_of(cap)};
    }
  });
}

bool ClickCaps::take(RoutingState& state) noexcept {
  for (; taken_ < count_ && !too_many_; ++taken_) {
    const Use& use = uses_[taken_];
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
    each_click_cap(caps, false, [&](const fbs::Cap& cap) {
      state.count_up(cap.slot(), window_of(now_ms_, cap.period(), cap.zone()));
    });
  }
}

}  // namespace tributary
