#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/state/cap_value_table.h"

namespace tributary {

// Adds up what caps had taken before the state file was made: the totals that admin-api counted up to some progress of
// the journals, then every journalled click behind that progress. Order does not matter.
//
// Kept in the memory of who restores until it is complete: a half-added history must not open a cap. Not thread-safe.
class CapHistory {
 public:
  // Of each slot the newest window stays; counts of the same window add up. `slot` is below 2^24, else it is ignored.
  void add(std::uint32_t slot, std::uint32_t window, std::uint32_t count);

  // The same of one value of a sub id, in the table of CapValueTable.
  void add(CapValue value, std::uint32_t count);

  // Puts what was counted of values into their table. False when they have no room there. To be done before restore().
  bool restore_values(CapValueTable& table, std::uint64_t now_ms) const;

  // For CapTable::restore().
  std::span<const std::uint64_t> words() const noexcept { return words_; }

 private:
  struct OfValue {
    std::uint32_t ends;
    std::uint32_t count;
  };
  std::vector<std::uint64_t> words_;
  std::unordered_map<std::uint64_t, OfValue> values_;  // by key
};

}  // namespace tributary
