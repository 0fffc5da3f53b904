#include "core/routing/destination_selector.h"

#include <algorithm>
#include <cmath>

#include "core/routing/rendezvous.h"
#include "core/routing/takers.h"

namespace tributary {

const Takers::Taker* Takers::draw(RandomSource& random, const Taker* except) const noexcept {
  const auto weight = [&](const Taker& taker) -> std::uint64_t { return &taker == except ? 0 : taker.item->weight(); };
  std::uint64_t sum = 0;
  for (const Taker& taker : *this) {
    sum += weight(taker);
  }
  std::uint64_t ticket = sum == 0 ? 0 : draw_below(sum, random);
  for (const Taker& taker : *this) {
    if (ticket < weight(taker)) {
      return &taker;
    }
    ticket -= weight(taker);
  }
  return nullptr;
}

namespace {

using Taker = Takers::Taker;

const fbs::Destination* destination_of(const Taker* taker) noexcept {
  return taker == nullptr ? nullptr : taker->destination;
}

// Campaigns that share a rotation count each for itself.
std::uint64_t next_turn(const fbs::Stream& stream, RoutingContext& context) noexcept {
  std::uint32_t slot = stream.rotation_slot();
  if (!context.rotation_slots.empty()) [[unlikely]] {
    slot = context.rotation_slots[slot % context.rotation_slots.size()];
  }
  return context.state.next_rotation(slot);
}

const fbs::StreamDestination* scheduled(const fbs::Stream& stream, RoutingContext& context) noexcept {
  const auto& schedule = *stream.schedule();
  const std::uint64_t turn = next_turn(stream, context);
  return stream.destinations()->Get(schedule.Get(static_cast<std::uint32_t>(turn % schedule.size())));
}

bool has_schedule(const fbs::Stream& stream) noexcept {
  return stream.schedule() != nullptr && stream.schedule()->size() != 0;
}

const fbs::Destination* weighted(const fbs::Stream& stream, Candidates& candidates, Turns turns,
                                 RoutingContext& context) noexcept {
  if (!has_schedule(stream)) {
    return nullptr;  // all weights are 0, or everything that has one is paused
  }
  if (turns == Turns::counted) {
    if (const fbs::Destination* taker = candidates.taker(*scheduled(stream, context))) {
      return taker;
    }
  }
  return destination_of(Takers(stream, candidates).draw(context.random));
}

const fbs::Destination* waterfall(const fbs::Stream& stream, Candidates& candidates) noexcept {
  for (const fbs::StreamDestination* item : *stream.destinations()) {
    if (const fbs::Destination* taker = candidates.taker(*item)) {
      return taker;
    }
  }
  return nullptr;
}

const fbs::Destination* round_robin(const fbs::Stream& stream, Candidates& candidates, Turns turns,
                                    RoutingContext& context) noexcept {
  const Takers takers(stream, candidates);
  if (takers.size() == 0) {
    return nullptr;
  }
  const std::uint64_t turn =
      turns == Turns::counted ? next_turn(stream, context) % takers.size() : draw_below(takers.size(), context.random);
  return takers.begin()[turn].destination;
}

const fbs::Destination* sticky(const fbs::Stream& stream, Candidates& candidates, RoutingContext& context) noexcept {
  const std::uint64_t key = context.visitor.key();
  const fbs::Destination* chosen = nullptr;
  double earliest = HUGE_VAL;
  for (const fbs::StreamDestination* item : *stream.destinations()) {
    const double time = rendezvous_time(key, item->destination()->id(), item->weight());
    if (time >= earliest) {
      continue;
    }
    if (const fbs::Destination* taker = candidates.taker(*item)) {
      chosen = taker;
      earliest = time;
    }
  }
  return chosen;
}

// What is known well enough decides, but for the exploration share, which tries the others. Until something is known,
// weights decide.
const fbs::Destination* best_roi(const fbs::Stream& stream, Candidates& candidates, RoutingContext& context) noexcept {
  const Takers takers(stream, candidates);
  const Taker* best = nullptr;
  std::int64_t most = 0;
  for (const Taker& taker : takers) {
    const DestinationFacts facts = context.state.facts(taker.destination->id());
    const bool ranked = facts.sample != 0 && facts.sample >= stream.minimum_sample();
    if (ranked && (best == nullptr || facts.roi_micros > most)) {
      best = &taker;
      most = facts.roi_micros;
    }
  }
  const Taker* chosen = best;
  if (best == nullptr || draw_below(100, context.random) < stream.exploration_percent()) {
    chosen = takers.draw(context.random, best);
  }
  return destination_of(chosen == nullptr ? best : chosen);
}

const fbs::Destination* select(const fbs::Stream& stream, Candidates& candidates, Turns turns,
                               RoutingContext& context) noexcept {
  switch (stream.selector()) {
    case fbs::Selector::Weighted: return weighted(stream, candidates, turns, context);
    case fbs::Selector::Waterfall: return waterfall(stream, candidates);
    case fbs::Selector::RoundRobin: return round_robin(stream, candidates, turns, context);
    case fbs::Selector::Sticky: return sticky(stream, candidates, context);
    case fbs::Selector::BestRoi: return best_roi(stream, candidates, context);
    default: return nullptr;
  }
}

}  // namespace

const fbs::Destination* plain_turn(const fbs::Stream& stream, RoutingContext& context) noexcept {
  if (!has_schedule(stream)) {
    return nullptr;
  }
  const fbs::Destination* destination = scheduled(stream, context)->destination();
  const bool open =
      destination->state() == fbs::State::Active && context.state.facts(destination->id()).takes_visitors();
  return open ? destination : nullptr;
}

const fbs::Destination* select_destination(const fbs::Stream& stream, Candidates& candidates, Turns turns,
                                           RoutingContext& context) noexcept {
  if (stream.destinations() == nullptr) {
    return nullptr;
  }
  if (candidates.prefers_unseen()) {
    candidates.unseen_only(true);
    const fbs::Destination* unseen = select(stream, candidates, turns, context);
    candidates.unseen_only(false);
    if (unseen != nullptr) {
      return unseen;
    }
    turns = Turns::drawn;
  }
  return select(stream, candidates, turns, context);
}

}  // namespace tributary
