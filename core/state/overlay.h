#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/generation.h"
#include "core/base/result.h"
#include "core/journal/format.h"
#include "core/state/closure_ends.h"

// What is pushed beside the configuration, as plain values; schema/overlay.fbs is its form on the wire.
// DOC: docs/state.md
namespace tributary {

inline constexpr std::uint32_t kOverlayFormat = 1;
inline constexpr std::uint32_t kMinOverlayFormat = 1;
inline constexpr std::uint32_t kMaxOverlayFormat = 1;
inline constexpr std::size_t kMaxOverlayBytes = 64u << 20;
inline constexpr std::size_t kMaxJournalProgress = 1u << 20;

enum DestinationFlag : std::uint32_t {
  kDestinationDown = 1,
  kClosedConversions = 2,
  kClosedPayout = 4,
  kClosedRevenue = 8,
};
inline constexpr std::uint32_t kDestinationFlags = 15;

struct DestinationFacts {
  std::uint32_t id = 0;
  std::uint32_t flags = 0;
  std::int64_t roi_micros = 0;  // means something when sample is not 0
  std::uint64_t sample = 0;
  ClosureEnds ends = {};  // of the closures in `flags`
  bool takes_visitors() const noexcept { return flags == 0; }
  // The same without the closures that have ended: their windows are over, whether anybody has said so or not.
  DestinationFacts at(std::uint64_t now_ms) const noexcept {
    DestinationFacts now = *this;
    const auto open = [&](std::uint32_t flag, std::uint32_t end) {
      now.flags &= end != 0 && closure_end_s(end) <= now_ms / 1000 ? ~flag : ~0u;
    };
    open(kClosedConversions, ends.conversions);
    open(kClosedPayout, ends.payout);
    open(kClosedRevenue, ends.revenue);
    return now;
  }
  friend bool operator==(const DestinationFacts&, const DestinationFacts&) = default;
};

struct CapTotal {
  std::uint32_t slot = 0;
  std::uint32_t window = 0;
  std::uint32_t count = 0;
  friend bool operator==(const CapTotal&, const CapTotal&) = default;
};

// The same of a cap that counts each value of a sub id for itself.
struct CapValueTotal {
  std::uint64_t hash = 0;  // value_hash()
  std::uint32_t slot = 0;
  std::uint32_t window = 0;
  std::uint32_t count = 0;
  friend bool operator==(const CapValueTotal&, const CapValueTotal&) = default;
};

// The progress of a journal that was read to its end: nothing lies behind it, whether its files are still there or not.
inline constexpr Position kStoredToItsEnd = UINT64_MAX;

struct JournalProgress {
  JournalId journal{};
  Position position = 0;
  friend bool operator==(const JournalProgress&, const JournalProgress&) = default;
};

struct CapTotals {
  std::uint64_t life = 0;
  std::vector<CapTotal> totals;
  std::vector<JournalProgress> progress;
  std::vector<CapValueTotal> values{};
  friend bool operator==(const CapTotals&, const CapTotals&) = default;
};

struct Overlay {
  Generation version;  // of its own counting, in the epoch of the database
  std::uint64_t created_ms = 0;
  std::vector<DestinationFacts> destinations;
  std::optional<CapTotals> cap_totals;
  friend bool operator==(const Overlay&, const Overlay&) = default;
};

// The bytes of an overlay, or what cannot be said in one. Any order; nothing may stand twice.
Result<std::vector<std::uint8_t>, std::string> build_overlay(const Overlay& overlay);

// Bytes from anywhere, of any alignment: the overlay, or what is wrong with them. Each id, slot and journal once and in
// order, no flag that this build does not know.
Result<Overlay, std::string> read_overlay(std::span<const std::uint8_t> bytes);

}  // namespace tributary
