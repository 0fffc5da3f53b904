#include "core/routing/cap_replay.h"

#include <unordered_set>

#include "core/routing/router.h"
#include "core/snapshot/campaign_streams.h"
#include "core/snapshot/format.h"

namespace tributary {
namespace {

void count(const std::unordered_map<std::uint32_t, const Caps*>& caps, std::uint32_t id, std::uint64_t time_ms,
           CapHistory& history) {
  const auto found = caps.find(id);
  if (found == caps.end()) {
    return;
  }
  for (const fbs::Cap* cap : *found->second) {
    if (cap->measure() == fbs::CapMeasure::Clicks) {
      const CapUse use = use_of(*cap, time_ms);
      history.add(use.slot, use.window, 1);
    }
  }
}

}  // namespace

CapReplay::CapReplay(const SnapshotView& snapshot) {
  std::unordered_set<std::uint32_t> rotations;
  snapshot.each_campaign([&](const fbs::Campaign& campaign) {
    if (campaign.rotation() != 0 && !rotations.insert(campaign.rotation()).second) {
      return;
    }
    const Streams* streams = streams_of(snapshot, campaign);
    for (std::uint32_t i = 0; streams != nullptr && i < streams->size(); ++i) {
      const fbs::Stream& stream = *streams->Get(i);
      if (stream.caps() != nullptr) {
        by_stream_[stream.id()] = stream.caps();
      }
      for (std::uint32_t j = 0; stream.destinations() != nullptr && j < stream.destinations()->size(); ++j) {
        add_destination(*stream.destinations()->Get(j)->destination());
      }
    }
  });
}

void CapReplay::add_destination(const fbs::Destination& destination) {
  const fbs::Destination* next = &destination;
  for (std::size_t hops = 0; next != nullptr && hops <= kMaxOverflowChain; ++hops, next = next->overflow()) {
    if (next->caps() != nullptr) {
      by_destination_[next->id()] = next->caps();
    }
  }
}

void CapReplay::add(const EventHeader& header, const Click& click, CapHistory& history) const {
  if ((click.visit.labels & kUncountedLabels) != 0) {
    return;
  }
  const std::uint64_t time_ms = header.time_us / 1000;
  count(by_stream_, click.stream, time_ms, history);
  count(by_destination_, click.destination, time_ms, history);
}

void CapReplay::add(const EventHeader& header, const LanderClick& lander_click, CapHistory& history) const {
  if ((lander_click.visit.labels & kUncountedLabels) == 0) {
    count(by_destination_, lander_click.destination, header.time_us / 1000, history);
  }
}

}  // namespace tributary
