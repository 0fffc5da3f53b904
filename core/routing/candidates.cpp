#include "core/routing/candidates.h"

#include "core/routing/click_caps.h"
#include "core/snapshot/format.h"
#include "core/state/seen_table.h"
#include "core/time_zone/schedule.h"

namespace tributary {

const fbs::Destination* Candidates::taker(const fbs::StreamDestination& item) noexcept {
  const fbs::Destination* destination = item.destination();
  // The builder makes no loops; the bound is for files that it did not make.
  for (std::size_t hops = 0; destination != nullptr && hops <= kMaxOverflowChain; ++hops) {
    const Standing found = standing(*destination);
    if (found == Standing::open) {
      return destination;
    }
    if (found != Standing::capped && found != Standing::closed) {
      return nullptr;
    }
    destination = destination->overflow();
  }
  return nullptr;
}

Standing Candidates::standing(const fbs::Destination& destination) noexcept {
  const Standing found = judge(destination);
  met_full_cap_ = met_full_cap_ || found == Standing::capped || found == Standing::closed;
  if (context_.recorder != nullptr) {
    context_.recorder->judged(destination, found);
  }
  return found;
}

Standing Candidates::judge(const fbs::Destination& destination) noexcept {
  if (destination.state() != fbs::State::Active) {
    return Standing::inactive;
  }
  if (destination.schedules() != nullptr && !is_open(destination.schedules(), request_.now_ms)) {
    return Standing::off_schedule;
  }
  const DestinationFacts facts = context_.state.facts(destination.id());
  if (!facts.takes_visitors() && !facts.at(request_.now_ms).takes_visitors()) {
    return (facts.flags & kDestinationDown) != 0 ? Standing::down : Standing::closed;
  }
  if (destination.caps() != nullptr && !caps_have_room(destination.caps(), context_, request_.now_ms)) {
    return Standing::capped;
  }
  return prefers_unseen() && repeated(destination) ? Standing::repeated : Standing::open;
}

bool Candidates::repeated(const fbs::Destination& destination) noexcept {
  return context_.state.known(mark(destination), request_.now_ms,
                              unseen_only_ ? kSeenForever : stream_.anti_repeat_window_s());
}

bool Candidates::claim(const fbs::Destination& destination) noexcept {
  const std::uint32_t window_s = stream_.anti_repeat_window_s();
  return window_s == 0 || !context_.state.seen(mark(destination), request_.now_ms, window_s);
}

VisitorMark Candidates::mark(const fbs::Destination& destination) noexcept {
  return visitor_mark(context_.visitor.key(), SeenScope::destination, destination.id());
}

}  // namespace tributary
