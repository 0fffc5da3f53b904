#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/result.h"

// Amounts are signed 64-bit millionths of a currency unit. Never floating point.
namespace tributary {

inline constexpr std::int64_t kMicrosPerUnit = 1'000'000;
inline constexpr std::int64_t kMaxMoneyMicros = 1'000'000'000'000'000'000;  // 10^12 units

enum class MoneyError : std::uint8_t { empty, malformed, too_precise, too_large };

// "12", "12.5", ".5", "-0.000001", and "12,5" with a comma as the only separator; but "1,234" is refused, because it
// may be a thousand. No exponent, no sign "+", no currency sign, no grouping, no white space; at most six decimals
// (trailing zeros beyond are fine).
Result<std::int64_t, MoneyError> parse_money(std::string_view text) noexcept;

// Shortest exact decimal; returns a view into `out`.
std::string_view format_money(std::int64_t micros, std::span<char, 32> out) noexcept;

// Three letters, ISO 4217 codes of money (not metals, test codes or units of account); folds case. Upper case, or empty
// when unknown. The view is static.
std::string_view parse_currency(std::string_view text) noexcept;

}  // namespace tributary
