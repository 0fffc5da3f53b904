#pragma once

#include <string>

#include "core/state/shared_state.h"

namespace tributary {

// Empty when the tables of `state` have room for `snapshot` (a view or a root); otherwise what it needs, and the
// directive that gives it.
template <typename Snapshot>
std::string missing_room(const Snapshot& snapshot, const SharedState& state) {
  const auto needs = [](std::uint32_t needed, std::uint64_t there, const std::string& what, const char* directive) {
    return "needs " + std::to_string(needed) + " " + what + ", the shared state has " + std::to_string(there) +
           ": write \"" + directive + " slots=" + std::to_string(needed) + "\" or more and reload";
  };
  if (snapshot.rotation_slots() > state.rotation_slots()) {
    return needs(snapshot.rotation_slots(), state.rotation_slots(), "rotations", "tributary_rotations");
  }
  if (snapshot.cap_slots() > state.caps().slots()) {
    return needs(snapshot.cap_slots(), state.caps().slots(), "places for caps", "tributary_caps");
  }
  return {};
}

}  // namespace tributary
