#include "core/routing/cap_replay.h"

#include <unordered_set>

#include "core/routing/router.h"
#include "core/snapshot/campaign_streams.h"
#include "core/snapshot/format.h"
#include "core/state/cap_value.h"
#include "core/state/cap_word.h"
#include "core/time_zone/window.h"

namespace tributary {
namespace {

void count(const std::unordered_map<std::uint32_t, const Caps*>& caps, std::uint32_t id, std::uint64_t time_ms,
           const Tracking& tracking, CapHistory& history) {
  const auto found = caps.find(id);
  if (found == caps.end()) {
    return;
  }
  for (const fbs::Cap* cap : *found->second) {
    if (cap->measure() != fbs::CapMeasure::Clicks) {
      continue;
    }
    const CapUse use = use_of(*cap, time_ms, tracking);
    if (use.value.ends == 0) {
      history.add(use.slot, use.window, 1);
    } else {
      history.add(use.value, 1);
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
      add_caps(by_stream_, stream.id(), stream.caps());
      for (std::uint32_t j = 0; stream.destinations() != nullptr && j < stream.destinations()->size(); ++j) {
        add_destination(*stream.destinations()->Get(j)->destination());
      }
    }
  });
}

void CapReplay::add_caps(std::unordered_map<std::uint32_t, const Caps*>& known, std::uint32_t id, const Caps* caps) {
  if (caps == nullptr) {
    return;
  }
  known[id] = caps;
  for (const fbs::Cap* cap : *caps) {
    if (cap->per() != 0) {
      by_slot_[cap->slot()] = cap;
    }
  }
}

void CapReplay::add(std::span<const CapValueTotal> totals, CapHistory& history) const {
  for (const CapValueTotal& total : totals) {
    const auto found = by_slot_.find(total.slot);
    if (found != by_slot_.end()) {
      const std::uint64_t end_s = window_end_s(window_out_of_turn(total.window), found->second->period());
      history.add(cap_value(total.slot, total.window, end_s, total.hash), total.count);
    }
  }
}

void CapReplay::add_destination(const fbs::Destination& destination) {
  const fbs::Destination* next = &destination;
  for (std::size_t hops = 0; next != nullptr && hops <= kMaxOverflowChain; ++hops, next = next->overflow()) {
    add_caps(by_destination_, next->id(), next->caps());
  }
}

void CapReplay::add(const EventHeader& header, const Click& click, CapHistory& history) const {
  if ((click.visit.labels & kUncountedLabels) != 0) {
    return;
  }
  const std::uint64_t time_ms = header.time_us / 1000;
  count(by_stream_, click.stream, time_ms, click.tracking, history);
  count(by_destination_, click.destination, time_ms, click.tracking, history);
}

void CapReplay::add(const EventHeader& header, const LanderClick& lander_click, CapHistory& history) const {
  if ((lander_click.visit.labels & kUncountedLabels) == 0) {
    count(by_destination_, lander_click.destination, header.time_us / 1000, lander_click.tracking, history);
  }
}

}  // namespace tributary
