#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/event/event.h"

namespace tributary {

// Counters of one worker slot, summed when read: plain relaxed adds by their only writer. One line of metrics each.
enum class Counter : std::uint16_t {
  clicks_redirected,
  clicks_trafficback,
  clicks_fallback,
  clicks_unlogged,  // answered although the journal could not take the event
  clicks_labelled,
  postbacks_accepted,
  postbacks_repeated,
  postbacks_quarantined,
  postbacks_unauthorised,
  postbacks_unavailable,  // answered 503: journal not durable in time, full or away
  snapshots_published,
  snapshots_refused,
  snapshot_swaps,
  parked_requests,
  kCount,
};
inline constexpr std::size_t kCounterCount = static_cast<std::size_t>(Counter::kCount);
std::string_view counter_name(Counter counter) noexcept;  // as in metrics, without prefix and _total
std::string_view counter_help(Counter counter) noexcept;

// State of one host shared by all workers of all masters: one layout-versioned file `<run_path>/state`, mapped by each.
// Fixed tables of 64-bit atomics, never a lock on the hot path. Another layout or size is migrated under a lock when
// the file is opened, or refused with a message that says what to do.
class SharedState {
 public:
  struct Options {
    std::uint32_t rotation_slots = 1u << 18;
    std::uint32_t transaction_buckets = 1u << 15;  // 64-byte buckets of recent transactions
  };
  struct Error {
    int system_error = 0;
    std::string message;
  };
  static Result<std::unique_ptr<SharedState>, Error> open(const std::string& run_path, const Options& options);
  ~SharedState();
  SharedState(const SharedState&) = delete;
  SharedState& operator=(const SharedState&) = delete;

  // The published generation, packed by pack_generation(); 0 before the first. Workers compare it once per request.
  std::uint64_t published() const noexcept;
  // Compare-and-swap upwards; false when an equal or later one is published already.
  bool publish(std::uint64_t generation) noexcept;

  // Next place in the schedule of a stream: fetch-and-add. `slot` is below rotation_slots().
  std::uint64_t next_rotation(std::uint32_t slot) noexcept;
  std::uint32_t rotation_slots() const noexcept;

  // Memory of recent transactions. It shapes the answer ("repeated"), never the books; it may forget, oldest first.
  // `fingerprint` covers scope, transaction, status and amount.
  bool transaction_seen(std::uint64_t fingerprint) const noexcept;
  void remember_transaction(std::uint64_t fingerprint, std::uint64_t now_ms) noexcept;

  // A counter of one worker slot; only that slot's holder adds.
  void add(std::uint32_t worker_slot, Counter counter, std::uint64_t n = 1) noexcept;
  std::uint64_t total(Counter counter) const noexcept;

 private:
  struct Impl;
  explicit SharedState(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary
