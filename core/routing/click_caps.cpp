#include "core/routing/click_caps.h"

#include <algorithm>

#include "core/state/cap_value.h"
#include "core/state/cap_word.h"
#include "core/time_zone/window.h"

namespace tributary {
namespace {

template <typename Each>
void each_cap(const Caps* caps, Each&& each) noexcept {
  for (std::uint32_t i = 0; caps != nullptr && i < caps->size(); ++i) {
    each(*caps->Get(i));
  }
}

CapUse use_of_all(const fbs::Cap& cap, std::uint64_t now_ms) noexcept {
  return {cap.slot(), window_in_turn(cap.turn(), window_of(now_ms, cap.period(), cap.zone())),
          static_cast<std::uint32_t>(std::clamp<std::int64_t>(cap.amount(), 0, UINT32_MAX)), CapValue{}};
}

// Only a cap that asks for it looks at what the click carries.
CapUse use_of(const fbs::Cap& cap, std::uint64_t now_ms, Visitor& visitor) noexcept {
  return cap.per() == 0 ? use_of_all(cap, now_ms) : use_of(cap, now_ms, visitor.tracking());
}

CapTake take(const CapUse& use, RoutingState& state, std::uint64_t now_ms) noexcept {
  return use.value.ends == 0 ? state.take(use.slot, use.window, use.limit) : state.take_value(use, now_ms);
}

}  // namespace

CapUse use_of(const fbs::Cap& cap, std::uint64_t now_ms, const Tracking& tracking) noexcept {
  CapUse use = use_of_all(cap, now_ms);
  if (cap.per() != 0) {
    use.value = cap_value(use.slot, use.window, window_end_s(window_out_of_turn(use.window), cap.period()),
                          value_hash(counted_value(cap, tracking)));
  }
  return use;
}

CapTake would_take(const CapUse& use, RoutingState& state, std::uint64_t now_ms) noexcept {
  return use.value.ends == 0 ? state.would_take(use.slot, use.window, use.limit) : state.would_take_value(use, now_ms);
}

std::string_view counted_value(const fbs::Cap& cap, const Tracking& tracking) noexcept {
  return cap.per() == 0 || cap.per() > kSubIdCount ? std::string_view() : tracking.sub_ids[cap.per() - 1u];
}

bool keeps_away(const fbs::Cap& cap) noexcept {
  return cap.measure() == fbs::CapMeasure::Clicks && cap.hard();
}

bool caps_have_room(const Caps* caps, RoutingContext& context, std::uint64_t now_ms) noexcept {
  bool room = true;
  each_cap(caps, [&](const fbs::Cap& cap) {
    if (room && keeps_away(cap)) {
      room = would_take(use_of(cap, now_ms, context.visitor), context.state, now_ms) == CapTake::taken;
    }
  });
  return room;
}

ClickCaps::ClickCaps(const Caps* of_stream, const Caps* of_destination, RoutingContext& context,
                     std::uint64_t now_ms) noexcept
    : context_(context), lists_{of_stream, of_destination}, now_ms_(now_ms) {
  add(of_stream);
  add(of_destination);
  std::sort(uses_.begin(), uses_.begin() + count_, [](const CapUse& a, const CapUse& b) { return a.slot < b.slot; });
}

void ClickCaps::add(const Caps* caps) noexcept {
  each_cap(caps, [&](const fbs::Cap& cap) {
    if (!keeps_away(cap)) {
      return;
    }
    too_many_ = too_many_ || count_ == kMost;
    if (!too_many_) {
      uses_[count_++] = use_of(cap, now_ms_, context_.visitor);
    }
  });
}

bool ClickCaps::take() noexcept {
  for (; taken_ < count_ && !too_many_; ++taken_) {
    if (tributary::take(uses_[taken_], context_.state, now_ms_) != CapTake::taken) {
      give_back();
      return false;
    }
  }
  return !too_many_;
}

void ClickCaps::give_back() noexcept {
  for (; taken_ > 0; --taken_) {
    const CapUse& use = uses_[taken_ - 1];
    if (use.value.ends == 0) {
      context_.state.give_back(use.slot, use.window);
    } else {
      context_.state.give_back_value(use);
    }
  }
}

void ClickCaps::count_soft() const noexcept {
  for (const Caps* caps : lists_) {
    each_cap(caps, [&](const fbs::Cap& cap) {
      if (cap.measure() != fbs::CapMeasure::Clicks || cap.hard()) {
        return;
      }
      CapUse use = use_of(cap, now_ms_, context_.visitor);
      if (use.value.ends == 0) {
        context_.state.count_up(use.slot, use.window);
      } else {
        use.limit = CapValueTable::kMaxCount;
        context_.state.take_value(use, now_ms_);
      }
    });
  }
}

}  // namespace tributary
