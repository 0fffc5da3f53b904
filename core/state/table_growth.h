#pragma once

#include <span>

#include "core/state/state_file.h"

namespace tributary {

// Makes one table larger while others use it. Called under the lock of openers, with the blocks allocated already.
class TableGrowth {
 public:
  TableGrowth(const StateTableRequest& request, StateFileHeader& header, StateTableEntry& entry,
              std::span<char> table) noexcept
      : request_(request), header_(header), entry_(entry), table_(table) {}

  bool needed() const noexcept { return records() < request_.records; }
  void run() noexcept;

  // An opener that was killed while it grew the table left the old size behind.
  void complete_interrupted() noexcept;

 private:
  std::uint64_t records() const noexcept { return shared_word(entry_.records).load(std::memory_order_relaxed); }
  void set_growing_from(std::uint64_t old_records) noexcept;

  const StateTableRequest& request_;
  StateFileHeader& header_;
  StateTableEntry& entry_;
  std::span<char> table_;
};

}  // namespace tributary
