#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/prefetch.h"
#include "core/base/result.h"
#include "core/state/cap_table.h"
#include "core/state/cap_value_table.h"
#include "core/state/overlay_table.h"
#include "core/state/seen_table.h"
#include "core/state/state_file.h"
#include "core/state/transaction_table.h"

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
  caps_refused,       // a hard cap kept a visitor from a destination or stream
  caps_unknown,       // the same because the totals after a reboot have not arrived
  caps_behind,        // the same because the clock shows a window that has ended
  uniques_evicted,    // a visitor was forgotten inside the window
  last_seen_evicted,  // likewise for anti-repeat
  overlays_applied,
  overlays_refused,
  clicks_direct,          // recorded and answered without a stream: pages of links, calls of /click, scripts
  clicks_repeated,        // calls of /click with an id that is known
  clicks_refused,         // calls of /click that name no click of ours
  recent_clicks_evicted,  // a call of /click was forgotten to make room
  landers_shown,          // clicks that were sent to a lander
  lander_clicks,          // links of landers that led to a destination
  cap_values_refused,     // a hard cap kept a visitor away because his value of its sub id found no place
  events_accepted,
  events_repeated,
  events_refused,  // events, or calls as a whole, that cannot be used
  events_unauthorised,
  events_unavailable,  // answered 503, as postbacks
  kCount,
};
inline constexpr std::size_t kCounterCount = static_cast<std::size_t>(Counter::kCount);
std::string_view counter_name(Counter counter) noexcept;  // as in metrics, without prefix and _total
std::string_view counter_help(Counter counter) noexcept;

// State of one host shared by all workers of all masters: one layout-versioned file `<run_path>/state`, mapped by each.
// Fixed tables of 64-bit atomics, never a lock on the hot path. A larger size makes the tables grow in place, under a
// lock that only openers take, while others go on using them; a smaller one changes nothing until the file is removed.
// A file of another layout is refused with a message that says what to do.
//
// Thread-safety: every method may be called from any thread of any process; add() as its comment says.
class SharedState {
 public:
  struct Options {
    std::uint32_t rotation_slots = 1u << 20;        // 8 bytes each; at most 2^24
    std::uint32_t transaction_buckets = 1u << 15;   // 64-byte buckets of 4 recent transactions; a power of two to 2^22
    std::uint32_t cap_slots = 1u << 16;             // 16 bytes each; at most 2^24
    std::uint32_t unique_buckets = 1u << 17;        // 64-byte buckets of 8 sightings; a power of two, 2^12 to 2^23
    std::uint32_t last_seen_buckets = 1u << 16;     // likewise, for anti-repeat
    std::uint32_t overlay_destinations = 1u << 14;  // 128 to 256 bytes each; at most 2^20
    std::uint32_t recent_click_buckets = 1u << 15;  // 64-byte buckets of 4 calls of /click; a power of two to 2^22
    std::uint32_t cap_value_lines = 1u << 15;       // 64-byte lines of 8 values; a power of two, 2^14 to 2^20
  };
  using Error = StateError;
  // Makes run_path's state file if it is not there. May wait some seconds for another opener.
  static Result<std::unique_ptr<SharedState>, Error> open(const std::string& run_path, const Options& options);
  ~SharedState() = default;
  SharedState(const SharedState&) = delete;
  SharedState& operator=(const SharedState&) = delete;

  // The published generation, packed by pack_generation(); 0 before the first. Workers compare it once per request.
  std::uint64_t published() const noexcept;
  // Compare-and-swap upwards; false when an equal or later one is published already.
  bool publish(std::uint64_t generation) noexcept;

  // Next place in the schedule of a stream: fetch-and-add. `slot` is below rotation_slots().
  std::uint64_t next_rotation(std::uint32_t slot) noexcept;
  // Fetches the word that next_rotation will count in. `slot` may be any number.
  void prefetch_rotation(std::uint32_t slot) const noexcept { prefetch_to_write(rotation_table_ + slot); }
  std::uint32_t rotation_slots() const noexcept;

  // Memory of recent transactions. It shapes the answer ("repeated"), never the books; it may forget, oldest first.
  // `fingerprint` covers scope, transaction, status and amount.
  bool transaction_seen(std::uint64_t fingerprint) const noexcept;
  void remember_transaction(std::uint64_t fingerprint, std::uint64_t now_ms) noexcept;
  std::uint64_t forgotten_transactions() const noexcept;  // evicted to make room for later ones

  // Memory of recent calls of /click, so that a repeated call gets the same answer. PostgreSQL's key decides what is a
  // second click; this may forget, oldest first. `fingerprint` covers affiliate, campaign and click id. 0: not known.
  std::uint64_t recent_click_ms(std::uint64_t fingerprint) const noexcept;
  // Of calls at the same moment the first is remembered, and all of them are told its time.
  Claim remember_click(std::uint64_t fingerprint, std::uint64_t time_ms) noexcept;

  // Click caps, and click limits of conditions.
  CapTable& caps() noexcept { return caps_; }
  const CapTable& caps() const noexcept { return caps_; }
  // The same for each value of a sub id.
  CapValueTable& cap_values() noexcept { return cap_values_; }
  const CapValueTable& cap_values() const noexcept { return cap_values_; }
  // Visitors by scope, for uniqueness; and by destination, for anti-repeat. Fingerprints: visitor_fingerprint.h.
  SeenTable& uniques() noexcept { return uniques_; }
  const SeenTable& uniques() const noexcept { return uniques_; }
  SeenTable& last_seen() noexcept { return last_seen_; }
  const SeenTable& last_seen() const noexcept { return last_seen_; }
  // Health, closed caps and earnings of destinations. Written by apply_overlay() only.
  const OverlayTable& overlay() const noexcept { return overlay_; }
  // One process at a time, never waiting for another. Cap totals in it are the caller's business (cap_history.h).
  OverlayApplied apply_overlay(const Overlay& overlay);

  // A counter of one worker slot; only that slot's holder adds.
  void add(std::uint32_t worker_slot, Counter counter, std::uint64_t n = 1) noexcept;
  std::uint64_t total(Counter counter) const noexcept;

 private:
  SharedState(StateFile file, std::string run_path) noexcept;

  StateFile file_;
  std::string run_path_;
  StateFileHeader& header_;
  StateTableEntry& rotation_;
  StateTableEntry& transactions_;
  StateTableEntry& recent_clicks_;
  std::uint64_t* counter_table_;
  std::uint64_t* rotation_table_;
  std::uint64_t* transaction_table_;
  std::uint64_t* recent_click_table_;
  CapTable caps_;
  CapValueTable cap_values_;
  SeenTable uniques_;
  SeenTable last_seen_;
  OverlayTable overlay_;
};

}  // namespace tributary
