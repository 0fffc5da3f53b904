#pragma once

#include <cstdint>

#include "core/state/cap_table.h"
#include "core/state/cap_value_table.h"
#include "core/state/overlay.h"
#include "core/state/visitor_fingerprint.h"

namespace tributary {

// What is remembered of a visitor, by which fingerprint.
struct VisitorMark {
  SeenScope scope;
  std::uint64_t fingerprint;
};

inline VisitorMark visitor_mark(std::uint64_t key, SeenScope scope, std::uint64_t id) noexcept {
  return {scope, visitor_fingerprint(key, scope, id)};
}

// What one click takes of a cap.
struct CapUse {
  std::uint32_t slot;
  std::uint32_t window;
  std::uint32_t limit;
  CapValue value;  // of a cap that counts each value of a sub id for itself; else `ends` is 0
};

// What the evaluator may ask about state that changes: shared by all workers on the edge, recorded values in explain,
// fixed ones in a test.
class RoutingState {
 public:
  // The next place in the rotation of a stream.
  virtual std::uint64_t next_rotation(std::uint32_t rotation_slot) noexcept = 0;

  // Click caps: see CapTable.
  virtual CapTake would_take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept = 0;
  virtual CapTake take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept = 0;
  virtual void give_back(std::uint32_t slot, std::uint32_t window) noexcept = 0;
  virtual void count_up(std::uint32_t slot, std::uint32_t window) noexcept = 0;

  // The same of a cap that counts each value of a sub id for itself: see CapValueTable.
  virtual CapTake would_take_value(const CapUse& use, std::uint64_t now_ms) noexcept = 0;
  virtual CapTake take_value(const CapUse& use, std::uint64_t now_ms) noexcept = 0;
  virtual void give_back_value(const CapUse& use) noexcept = 0;

  // Sightings: see SeenTable. known() only asks, seen() remembers too.
  virtual bool known(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept = 0;
  virtual bool seen(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept = 0;

  // What the overlay says of a destination.
  virtual DestinationFacts facts(std::uint32_t destination) noexcept = 0;

 protected:
  ~RoutingState() = default;
};

}  // namespace tributary
