#pragma once

#include <algorithm>
#include <cstdint>

#include "core/state/table_sizes.h"

// Bits of fingerprints and of the words of a SeenTable.
//
// The tag is the upper 40 bits of a fingerprint. A bucket is chosen by the lower 12 bits of the fingerprint and, in
// tables above 4,096 buckets, by as many of the tag as are needed: so the bucket of an entry in a larger table follows
// from its word and the bucket it is in now.
namespace tributary {

inline constexpr std::uint64_t kMinuteBits = 24;
inline constexpr std::uint64_t kMinuteMask = (1u << kMinuteBits) - 1;
inline constexpr std::uint64_t kSeenEpochMs = 1'767'225'600'000;  // 2026-01-01T00:00:00Z; minutes last until 2057
inline constexpr std::uint64_t kMaxMinutesAhead = 24 * 60;

constexpr std::uint64_t seen_minute(std::uint64_t now_ms) noexcept {
  const std::uint64_t minute = now_ms > kSeenEpochMs ? (now_ms - kSeenEpochMs) / 60'000 : 0;
  return std::clamp<std::uint64_t>(minute, 1, kMinuteMask);
}

constexpr std::uint64_t minute_of(std::uint64_t word) noexcept {
  return word & kMinuteMask;
}
constexpr std::uint64_t tag_of(std::uint64_t word_or_fingerprint) noexcept {
  return word_or_fingerprint >> kMinuteBits;
}
constexpr std::uint64_t seen_word(std::uint64_t tag, std::uint64_t minute) noexcept {
  return tag << kMinuteBits | minute;  // never 0: minutes begin at 1
}

constexpr std::uint64_t bucket_of(std::uint64_t low_bits, std::uint64_t tag, std::uint64_t buckets) noexcept {
  return (low_bits & (kMinSeenBuckets - 1)) | (tag & (buckets / kMinSeenBuckets - 1)) * kMinSeenBuckets;
}

// An empty place, or a time that only a wrong clock can have written.
constexpr bool is_void(std::uint64_t word, std::uint64_t now) noexcept {
  return word == 0 || minute_of(word) > now + kMaxMinutesAhead;
}

constexpr bool inside_window(std::uint64_t minute, std::uint64_t now, std::uint32_t window_s) noexcept {
  const std::uint64_t minutes = (static_cast<std::uint64_t>(window_s) + 59) / 60;
  return window_s != 0 && now <= minute + minutes;
}

}  // namespace tributary
