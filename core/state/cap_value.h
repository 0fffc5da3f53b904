#pragma once

#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "core/base/utf8.h"
#include "core/state/cap_value_table.h"

namespace tributary {

// Of a value of a sub id. Absent is a value. Those that are not clean text are stored with replacements
// (core/base/utf8.h) and share one count, so that the edge and PostgreSQL agree on them.
inline std::uint64_t value_hash(std::string_view value) noexcept {
  constexpr std::string_view kReplaced = "\xEF\xBF\xBD";
  const bool clean = is_clean_text(value) && value.find(kReplaced) == std::string_view::npos;
  const std::string_view counted = clean ? value : kReplaced;
  return ::XXH3_64bits(counted.data(), counted.size());
}

// Units of time in which windows end, as the table of values knows them: 8 hours, from 2026 to the end of 2040.
inline constexpr std::uint64_t kCapValueEpoch_s = 1'767'225'600;
inline constexpr std::uint64_t kCapValueUnit_s = 8 * 3600;
inline constexpr std::uint32_t kCapValueForever = (1u << 14) - 1;

constexpr std::uint32_t cap_value_unit(std::uint64_t time_s) noexcept {
  const std::uint64_t since = time_s > kCapValueEpoch_s ? (time_s - kCapValueEpoch_s) / kCapValueUnit_s : 0;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(since, kCapValueForever - 1));
}

// `window` as it stands in a word (cap_word.h); `window_end_s` is a time when it is over, UINT64_MAX for never.
inline CapValue cap_value(std::uint32_t slot, std::uint32_t window, std::uint64_t window_end_s,
                          std::uint64_t hash) noexcept {
  const std::uint64_t words[] = {hash, std::uint64_t{slot} << 32 | window};
  const std::uint32_t ends = window_end_s == UINT64_MAX ? kCapValueForever : cap_value_unit(window_end_s) + 1;
  return {::XXH3_64bits(words, sizeof(words)), ends};
}

}  // namespace tributary
