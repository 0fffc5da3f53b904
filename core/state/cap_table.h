#pragma once

#include <cstdint>
#include <span>

#include "core/state/state_file.h"

// Click caps: one record per cap, at a slot that is its own for its life. DOC: docs/state.md
namespace tributary {

// Two words {window 32 bits, count 32 bits}: what this state file has seen, and what was counted before it was made.
// Only restore() writes `before`, and only until the totals are known.
struct CapRecord {
  std::uint64_t taken;
  std::uint64_t before;
};
static_assert(sizeof(CapRecord) == 16);

enum class CapTake : std::uint8_t {
  taken,
  full,      // also with limit 0
  unknown,   // the state file is new and totals have not arrived: everything capped is closed
  past,      // the clock shows a window before one that was counted already: a window that ended never opens again
  no_slot,   // beyond the table: the snapshot should have been refused
  no_place,  // a value of a sub id that is counted by itself, and the table of values is full
};

enum class CapRestored : std::uint8_t {
  restored,
  already_known,
  other_life,  // the totals were asked for by another state file
  no_slot,     // totals of a slot beyond the table: make it larger
};

// A window is the number of a period in the turn of its slot (cap_word.h): a later period has a larger number, and
// those of the next cap at a slot are larger than all of the one before. What a cap admits in one window is never more
// than its limit, whatever number of processes take, die or step their clocks.
//
// Thread-safety: every method may be called from any thread of any process. Lock-free.
class CapTable {
 public:
  CapTable(CapRecord* records, StateTableEntry& entry, StateFileHeader& header) noexcept
      : records_(records), entry_(&entry), header_(&header) {}

  // One compare-and-swap. A process that dies between this and what it took for has used up one.
  CapTake take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept;
  // What take() would say; for explain, and for dropping destinations before one is chosen.
  CapTake would_take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) const noexcept;
  // Undoes one take() of this window. After a later window has begun there is nothing to undo.
  void give_back(std::uint32_t slot, std::uint32_t window) noexcept;

  // For soft caps: counts without a limit, also while totals are unknown. Returns the count with this one.
  std::uint32_t count_up(std::uint32_t slot, std::uint32_t window) noexcept;

  // How many are taken in a window; 0 for one that ended.
  std::uint32_t count(std::uint32_t slot, std::uint32_t window) const noexcept;
  std::uint32_t slots() const noexcept;

  // False from the making of the state file until restore().
  bool known() const noexcept;
  // Names this state file in the request for totals; never 0.
  std::uint64_t life() const noexcept;
  // Called by the opener of the state file with a random number: the first one stays.
  void begin_life(std::uint64_t random) noexcept;

  // Everything that was taken before this state file was made, as words by slot (CapHistory makes them), then opens the
  // caps. Takes of this life are in other words and stay. May be killed and repeated, also by several at once.
  CapRestored restore(std::uint64_t life, std::span<const std::uint64_t> before) noexcept;

 private:
  bool holds(std::uint32_t slot) const noexcept { return slot < slots(); }

  CapRecord* records_;
  StateTableEntry* entry_;
  StateFileHeader* header_;
};

}  // namespace tributary
