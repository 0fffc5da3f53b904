#include "core/routing/shared_routing_state.h"

namespace tributary {

std::uint64_t SharedRoutingState::next_rotation(std::uint32_t rotation_slot) noexcept {
  return state_.next_rotation(rotation_slot);
}

CapTake SharedRoutingState::would_take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept {
  return counted(state_.caps().would_take(slot, window, limit));
}

CapTake SharedRoutingState::take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept {
  return counted(state_.caps().take(slot, window, limit));
}

void SharedRoutingState::give_back(std::uint32_t slot, std::uint32_t window) noexcept {
  state_.caps().give_back(slot, window);
}

void SharedRoutingState::count_up(std::uint32_t slot, std::uint32_t window) noexcept {
  state_.caps().count_up(slot, window);
}

CapTake SharedRoutingState::would_take_value(const CapUse& use, std::uint64_t now_ms) noexcept {
  return counted(state_.caps().known() ? state_.cap_values().would_take(use.value, use.limit, now_ms)
                                       : CapTake::unknown);
}

CapTake SharedRoutingState::take_value(const CapUse& use, std::uint64_t now_ms) noexcept {
  return counted(state_.caps().known() ? state_.cap_values().take(use.value, use.limit, now_ms) : CapTake::unknown);
}

void SharedRoutingState::give_back_value(const CapUse& use) noexcept {
  state_.cap_values().give_back(use.value);
}

bool SharedRoutingState::known(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept {
  return table(mark.scope).known(mark.fingerprint, now_ms, window_s);
}

bool SharedRoutingState::seen(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept {
  const SeenTable::Sighting sighting = table(mark.scope).seen(mark.fingerprint, now_ms, window_s);
  if (sighting.evicted) {
    state_.add(worker_slot_,
               mark.scope == SeenScope::destination ? Counter::last_seen_evicted : Counter::uniques_evicted);
  }
  return sighting.known;
}

DestinationFacts SharedRoutingState::facts(std::uint32_t destination) noexcept {
  return state_.overlay().find(destination);
}

CapTake SharedRoutingState::counted(CapTake answer) noexcept {
  switch (answer) {
    case CapTake::taken: break;
    case CapTake::unknown: state_.add(worker_slot_, Counter::caps_unknown); break;
    case CapTake::past: state_.add(worker_slot_, Counter::caps_behind); break;
    case CapTake::no_place: state_.add(worker_slot_, Counter::cap_values_refused); break;
    default: state_.add(worker_slot_, Counter::caps_refused); break;
  }
  return answer;
}

SeenTable& SharedRoutingState::table(SeenScope scope) noexcept {
  return scope == SeenScope::destination ? state_.last_seen() : state_.uniques();
}

}  // namespace tributary
