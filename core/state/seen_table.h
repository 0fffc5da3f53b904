#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/state/state_file.h"

// Who was seen when: the table behind uniqueness and anti-repeat. DOC: docs/state.md
//
// Buckets of one cache line with eight words {tag 40 bits, minutes since 2026 24 bits}. A new visitor takes an empty
// place or that of the one seen longest ago.
namespace tributary {

struct SeenBucket {
  std::uint64_t words[8];
};
static_assert(sizeof(SeenBucket) == 64);

// Sizes of a table: now, and before the growth that is going on; 0 when there is none.
struct SeenSizes {
  std::uint64_t now;
  std::uint64_t growing_from = 0;
};

struct SeenVisit;

// Fingerprints are 64 evenly spread bits (see visitor_fingerprint.h). Windows are in seconds, kept in whole minutes and
// rounded up: nobody is forgotten inside the window, unless by eviction, and everybody within a minute or two behind
// it. Window 0 remembers nothing; kSeenForever never ends.
//
// Another visitor is taken for a known one with a probability below 8 / 2^(40 - log2(buckets / 4096)): 2.4e-10 with
// 2^17 buckets, 1.5e-8 with the largest table, 2^23.
//
// Clocks: who was seen up to a day ahead of now counts as seen now; further ahead, by a clock that was wrong, as never.
//
// Thread-safety: every method may be called from any thread of any process. Lock-free.
class SeenTable {
 public:
  struct Sighting {
    bool known = false;    // seen before, inside the window
    bool evicted = false;  // somebody who was inside this window was forgotten for this one
  };

  SeenTable(SeenBucket* buckets, StateTableEntry& entry, std::uint64_t& growing_from) noexcept
      : buckets_(buckets), entry_(&entry), growing_from_(&growing_from) {}

  // Asks and remembers in one step: of any number that ask at once, exactly one hears "not known". (In the instant in
  // which the table grows nobody may; never two.) The time of who is known stays that of the first visit, so a window
  // ends although its visitor comes every day.
  Sighting seen(std::uint64_t fingerprint, std::uint64_t now_ms, std::uint32_t window_s) noexcept;
  // As seen(), and the last visit counts instead of the first.
  Sighting touch(std::uint64_t fingerprint, std::uint64_t now_ms, std::uint32_t window_s) noexcept;

  // Asks without remembering.
  bool known(std::uint64_t fingerprint, std::uint64_t now_ms, std::uint32_t window_s) const noexcept;
  // The beginning of the minute that is remembered; 0 when there is none. For choosing the one shown longest ago.
  std::uint64_t last_seen_ms(std::uint64_t fingerprint, std::uint64_t now_ms) const noexcept;

  std::uint64_t buckets() const noexcept;

 private:
  Sighting visit(std::uint64_t fingerprint, std::uint64_t now_ms, std::uint32_t window_s, bool refresh) noexcept;
  Sighting visit_while_growing(std::uint64_t fingerprint, const SeenVisit& visit, SeenSizes sizes,
                               Sighting sighting) noexcept;
  SeenSizes sizes_now() const noexcept;
  std::uint64_t newest_word(std::uint64_t fingerprint, std::uint64_t now_ms) const noexcept;

  SeenBucket* buckets_;
  StateTableEntry* entry_;
  std::uint64_t* growing_from_;
};

inline constexpr std::uint32_t kSeenForever = UINT32_MAX;

// After growing: copies every entry to the bucket where it is looked for now. Others may use the table meanwhile.
// Repeating it is harmless.
void spread_seen(std::span<char> table, std::uint64_t old_buckets, std::uint64_t new_buckets) noexcept;

}  // namespace tributary
