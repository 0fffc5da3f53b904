#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/condition/ranges.h"

// Versions compare as dotted numbers: 9.10 is after 9.9. Four places of 16 bits make one number; a larger place counts
// as 65,535, further places do not count.
namespace tributary {

using VersionRange = NumberRange<std::uint64_t>;

// The number at the beginning of a version as a user agent gives it: "15.4", "10_15_7", "7 SP1". Nothing when it does
// not begin with a digit.
std::optional<std::uint64_t> version_number(std::string_view text) noexcept;

// "15" (every 15.x), "10-12.4" (up to every 12.4.x), ">=15", ">15", "<=12.4", "<15". Nothing when it is none of these
// or holds no version.
std::optional<VersionRange> parse_version_range(std::string_view text) noexcept;

}  // namespace tributary
