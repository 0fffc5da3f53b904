#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>

#include "core/event/event.h"
#include "core/routing/click_caps.h"
#include "core/snapshot/snapshot_view.h"
#include "core/state/cap_history.h"
#include "core/state/overlay.h"

namespace tributary {

// What clicks of the past took of the caps of a configuration: adds up journals for a state that was lost.
class CapReplay {
 public:
  // The snapshot must outlive it.
  explicit CapReplay(const SnapshotView& snapshot);

  // A click that the edge counted; those with a label (kUncountedLabels) used nothing.
  void add(const EventHeader& header, const Click& click, CapHistory& history) const;
  // What was counted of values of sub ids before. Those of caps that are not of this configuration are left out.
  void add(std::span<const CapValueTotal> totals, CapHistory& history) const;
  // What its destination counts; the click before it was counted by the stream.
  void add(const EventHeader& header, const LanderClick& lander_click, CapHistory& history) const;

 private:
  void add_caps(std::unordered_map<std::uint32_t, const Caps*>& known, std::uint32_t id, const Caps* caps);
  void add_destination(const fbs::Destination& destination);

  std::unordered_map<std::uint32_t, const Caps*> by_stream_;
  std::unordered_map<std::uint32_t, const Caps*> by_destination_;
  std::unordered_map<std::uint32_t, const fbs::Cap*> by_slot_;  // those per sub id
};

}  // namespace tributary
