#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace tributary {

inline constexpr std::uint32_t kSlotCount = 256;

// One of the 256 places for workers of an edge, leased by a lock on `<run_path>/slots/NNN`. The kernel releases the
// lock however the worker ends. The file outlives its holders: the click stamp in it only grows, so ids stay unique
// across respawn, reload, clock steps and two masters. (The lock can be looked at without taking it, so that asking who
// is alive never makes a starting worker pass a free slot over.) A second lock, on disk, keeps the number with its
// worker when the run directory is emptied or exchanged under it: core/state/slot_anchor.h.
//
// Lease in the worker, after the fork. Owned by one thread, but acknowledge() may be called from any.
class WorkerSlot {
 public:
  struct Error {
    int system_error = 0;
    std::string message;
  };
  // The lowest slot that is free in `run_path` and in `anchor_path`, which is on disk (empty: none). Fails when all are
  // taken or run_path cannot be written; a disk that is full or away is not an error. A slot that gave stamps later
  // than `latest_ms` is passed over while there is another: it would go on behind them.
  static Result<std::unique_ptr<WorkerSlot>, Error> lease(const std::string& run_path, const std::string& anchor_path,
                                                          std::uint64_t latest_ms = UINT64_MAX);
  ~WorkerSlot();
  WorkerSlot(const WorkerSlot&) = delete;
  WorkerSlot& operator=(const WorkerSlot&) = delete;

  std::uint32_t number() const noexcept;

  // The (ms << 16 | sequence) of a new click id, later than every one this slot ever gave. Owner only.
  std::uint64_t next_stamp(std::uint64_t now_ms) noexcept;

  // Whether stamps of this slot lie behind `latest_ms`: the clock was put back. Owner only.
  bool is_ahead_of(std::uint64_t latest_ms) const noexcept;

  enum class Standing : std::uint8_t {
    sound,
    displaced,  // the slot file is not in the run directory any more: the number is still this worker's
    disputed,   // and the number may be another worker's: no stamp may be used
  };
  // Call it every now and then: keeps the stamp on disk and sees whether the slot is still what others see. Owner only.
  Standing keep() noexcept;

  // The generation this worker serves, for acknowledgement. 0: none.
  void acknowledge(std::uint64_t generation) noexcept;

  // A new 53-bit number, unique over all edges: core/state/number_sequence.h. 0: none may be given now, try later.
  std::uint64_t next_number(std::uint32_t edge, std::uint64_t now_ms) noexcept;

 private:
  struct Impl;
  explicit WorkerSlot(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

struct LiveSlot {
  std::uint32_t number = 0;
  std::uint32_t pid = 0;
  std::uint64_t generation = 0;  // acknowledged, packed
};
// The slots whose lock is held now.
std::vector<LiveSlot> live_slots(const std::string& run_path);

}  // namespace tributary
