#pragma once

#include <cstdint>
#include <unordered_map>

#include "core/event/event.h"
#include "core/routing/click_caps.h"
#include "core/snapshot/snapshot_view.h"
#include "core/state/cap_history.h"

namespace tributary {

// What clicks of the past took of the caps of a configuration: adds up journals for a state that was lost.
class CapReplay {
 public:
  // The snapshot must outlive it.
  explicit CapReplay(const SnapshotView& snapshot);

  // A click that the edge counted; those with a label (kUncountedLabels) used nothing.
  void add(const EventHeader& header, const Click& click, CapHistory& history) const;
  // What its destination counts; the click before it was counted by the stream.
  void add(const EventHeader& header, const LanderClick& lander_click, CapHistory& history) const;

 private:
  void add_destination(const fbs::Destination& destination);

  std::unordered_map<std::uint32_t, const Caps*> by_stream_;
  std::unordered_map<std::uint32_t, const Caps*> by_destination_;
};

}  // namespace tributary
