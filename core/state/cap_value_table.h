#pragma once

#include <cstdint>
#include <span>

#include "core/state/cap_table.h"
#include "core/state/state_file.h"

// Counts of caps that allow so much for each value of a sub id: nobody knows beforehand which values there will be.
// DOC: docs/state.md
namespace tributary {

// One value in one window of one cap (cap_value.h).
struct CapValue {
  std::uint64_t key;   // evenly spread
  std::uint32_t ends;  // its window is over from this unit of time on; 0: no such value
  friend bool operator==(const CapValue&, const CapValue&) = default;
};

struct CapValueLine {
  std::uint64_t words[8];
};
static_assert(sizeof(CapValueLine) == 64);

// 8,192 groups of places. A place is one word {end 14 bits, touch 2 bits, tag 28 bits, count 20 bits}; a value has one
// anywhere in its group. A larger table has more lines in each group, so nothing ever moves.
//
// A new value takes the place in its group whose window ends first (the first of equals; empty ones before all), if
// that window is over. If none is, the value has no place: refused. Ends in a place only grow, so two that miss each
// other's entry for the same value would have chosen the same place: of its two compare-and-swaps one fails. That is
// why a value has one count, and why what a cap admits of it is never more than its limit, whatever number of processes
// take or die.
//
// Another value is taken for this one when tags and ends agree: 2^-28 for each that is counted in the group. They share
// a count then.
//
// Clocks: what was forgotten once is not counted anew. A clock that steps back is refused (`past`) where the window of
// the value was over when a place was given away.
//
// Thread-safety: every method may be called from any thread of any process. Lock-free. Whether caps are known is
// CapTable's to say: until then only raise() is called.
class CapValueTable {
 public:
  static constexpr std::uint32_t kGroups = 8192;
  static constexpr std::uint32_t kMaxCount = (1u << 20) - 1;  // limits are at most this

  CapValueTable(CapValueLine* lines, StateTableEntry& entry, StateFileHeader& header) noexcept
      : lines_(lines), entry_(&entry), header_(&header) {}

  CapTake take(CapValue value, std::uint32_t limit, std::uint64_t now_ms) noexcept;
  // What take() would say.
  CapTake would_take(CapValue value, std::uint32_t limit, std::uint64_t now_ms) const noexcept;
  // Undoes one take().
  void give_back(CapValue value) noexcept;
  std::uint32_t count(CapValue value) const noexcept;

  // At least so many were taken. False when there is no place for the value.
  bool raise(CapValue value, std::uint32_t count, std::uint64_t now_ms) noexcept;

  std::uint64_t places() const noexcept { return lines() * 8; }

 private:
  struct Place {
    std::uint64_t* word;
    std::uint64_t seen;
  };
  struct Look {
    std::uint64_t lines;
    Place entry{};  // of the value, if there is one
    Place first{};  // whose window ends first
  };

  std::uint64_t lines() const noexcept;
  Look look(CapValue value) const noexcept;
  CapTake verdict(const Look& look, CapValue value, std::uint32_t limit, std::uint64_t now_ms) const noexcept;
  CapTake room_for(const Look& look, CapValue value, std::uint64_t now_ms) const noexcept;
  bool replace(const Look& look, CapValue value, std::uint32_t count, std::uint64_t now_ms) noexcept;

  CapValueLine* lines_;
  StateTableEntry* entry_;
  StateFileHeader* header_;
};

// While the table grows: changes every word in a bit that means nothing, so that whoever chose a place without the new
// ones fails to take it.
void touch_cap_values(std::span<char> table, std::uint64_t old_lines, std::uint64_t new_lines) noexcept;

}  // namespace tributary
