#include "core/routing/destination_selector.h"

namespace tributary {
namespace {

using Destinations = flatbuffers::Vector<flatbuffers::Offset<fbs::StreamDestination>>;

bool eligible(const fbs::StreamDestination& item) noexcept {
  return item.destination()->state() == fbs::State::Active;
}

// Evenly from 0 to bound - 1; the bias is below bound / 2^64.
std::uint64_t below(std::uint64_t bound, RandomSource& random) noexcept {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(random.next()) * bound >> 64);
}

// One of `items`, in proportion to weight(item); nullptr when all weights are 0.
template <typename Items, typename Weight>
auto draw(const Items& items, RandomSource& random, Weight&& weight) noexcept -> decltype(items.Get(0)) {
  std::uint64_t sum = 0;
  for (const auto* item : items) {
    sum += weight(*item);
  }
  if (sum == 0) {
    return nullptr;
  }
  std::uint64_t ticket = below(sum, random);
  for (const auto* item : items) {
    const std::uint64_t share = weight(*item);
    if (ticket < share) {
      return item;
    }
    ticket -= share;
  }
  return nullptr;
}

const fbs::StreamDestination* draw_by_weight(const Destinations& items, RandomSource& random) noexcept {
  return draw(items, random,
              [](const fbs::StreamDestination& item) -> std::uint64_t { return eligible(item) ? item.weight() : 0; });
}

const fbs::StreamDestination* weighted(const fbs::Stream& stream, bool labelled, RoutingState& state,
                                       RandomSource& random) noexcept {
  const Destinations& items = *stream.destinations();
  const auto* schedule = stream.schedule();
  if (schedule == nullptr || schedule->size() == 0) {
    return nullptr;  // all weights are 0, or everything that has one is paused
  }
  if (labelled) {
    return draw_by_weight(items, random);
  }
  const std::uint64_t turn = state.next_rotation(stream.rotation_slot());
  const auto* scheduled = items.Get(schedule->Get(static_cast<std::uint32_t>(turn % schedule->size())));
  return eligible(*scheduled) ? scheduled : draw_by_weight(items, random);
}

const fbs::StreamDestination* waterfall(const Destinations& items) noexcept {
  for (const auto* item : items) {
    if (eligible(*item)) {
      return item;
    }
  }
  return nullptr;
}

const fbs::StreamDestination* round_robin(const fbs::Stream& stream, bool labelled, RoutingState& state,
                                          RandomSource& random) noexcept {
  const Destinations& items = *stream.destinations();
  std::uint32_t count = 0;
  for (const auto* item : items) {
    count += eligible(*item);
  }
  if (count == 0) {
    return nullptr;
  }
  std::uint64_t turn = labelled ? below(count, random) : state.next_rotation(stream.rotation_slot()) % count;
  for (const auto* item : items) {
    if (eligible(*item) && turn-- == 0) {
      return item;
    }
  }
  return nullptr;
}

bool has_eligible(const fbs::Stream& stream) noexcept {
  return stream.destinations() != nullptr && waterfall(*stream.destinations()) != nullptr;
}

}  // namespace

const fbs::Destination* select_destination(const fbs::Stream& stream, bool labelled, RoutingState& state,
                                           RandomSource& random) noexcept {
  if (stream.destinations() == nullptr) {
    return nullptr;
  }
  const fbs::StreamDestination* chosen = nullptr;
  switch (stream.selector()) {
    case fbs::Selector::Weighted: chosen = weighted(stream, labelled, state, random); break;
    case fbs::Selector::Waterfall: chosen = waterfall(*stream.destinations()); break;
    case fbs::Selector::RoundRobin: chosen = round_robin(stream, labelled, state, random); break;
    default: break;
  }
  return chosen == nullptr ? nullptr : chosen->destination();
}

const fbs::Stream* draw_stream(const fbs::Campaign& campaign, RandomSource& random) noexcept {
  return draw(*campaign.streams(), random, [](const fbs::Stream& stream) -> std::uint64_t {
    const bool regular = stream.kind() == fbs::StreamKind::Regular && stream.state() == fbs::State::Active;
    return regular && has_eligible(stream) ? stream.weight() : 0;
  });
}

}  // namespace tributary
