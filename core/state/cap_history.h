#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tributary {

// Adds up what caps had taken before the state file was made: the totals that admin-api counted up to some progress of
// the journals, then every journalled click behind that progress. Order does not matter.
//
// Kept in the memory of who restores until it is complete: a half-added history must not open a cap. Not thread-safe.
class CapHistory {
 public:
  // Of each slot the newest window stays; counts of the same window add up. `slot` is below 2^24, else it is ignored.
  void add(std::uint32_t slot, std::uint32_t window, std::uint32_t count);

  // For CapTable::restore().
  std::span<const std::uint64_t> words() const noexcept { return words_; }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace tributary
