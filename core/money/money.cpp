#include "core/money/money.h"

#include <charconv>

#include "core/base/ascii.h"

namespace tributary {
namespace {

constexpr std::size_t kDecimals = 6;

struct Pieces {
  std::string_view units;
  std::string_view fraction;
  bool negative = false;
};

std::size_t digits_at_start(std::string_view text) noexcept {
  std::size_t count = 0;
  while (count < text.size() && ascii::is_digit(text[count])) {
    ++count;
  }
  return count;
}

// "1,234" is one thousand here and one and a quarter there: not guessed.
bool could_be_grouping(const Pieces& pieces) noexcept {
  return pieces.fraction.size() == 3 && pieces.units.size() <= 3 && pieces.units.front() != '0';
}

bool split(std::string_view text, Pieces& pieces) noexcept {
  if (text.front() == '-') {
    pieces.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t units = digits_at_start(text);
  pieces.units = text.substr(0, units);
  if (units == text.size()) {
    return units != 0;
  }
  const char separator = text[units];
  pieces.fraction = text.substr(units + 1);
  if (pieces.fraction.empty() || digits_at_start(pieces.fraction) != pieces.fraction.size()) {
    return false;
  }
  return separator == '.' || (separator == ',' && units != 0 && !could_be_grouping(pieces));
}

std::string_view without_trailing_zeros(std::string_view fraction) noexcept {
  while (!fraction.empty() && fraction.back() == '0') {
    fraction.remove_suffix(1);
  }
  return fraction;
}

std::string_view without_leading_zeros(std::string_view units) noexcept {
  while (!units.empty() && units.front() == '0') {
    units.remove_prefix(1);
  }
  return units;
}

}  // namespace

Result<std::int64_t, MoneyError> parse_money(std::string_view text) noexcept {
  if (text.empty()) {
    return MoneyError::empty;
  }
  Pieces pieces;
  if (!split(text, pieces)) {
    return MoneyError::malformed;
  }
  const std::string_view units = without_leading_zeros(pieces.units);
  const std::string_view fraction = without_trailing_zeros(pieces.fraction);
  if (fraction.size() > kDecimals) {
    return MoneyError::too_precise;
  }
  constexpr std::size_t kMostUnitDigits = 13;  // those of the largest amount
  if (units.size() > kMostUnitDigits) {
    return MoneyError::too_large;
  }
  std::int64_t micros = 0;
  for (const char c : units) {
    micros = micros * 10 + (c - '0');
  }
  if (micros > kMaxMoneyMicros / kMicrosPerUnit) {
    return MoneyError::too_large;
  }
  for (std::size_t i = 0; i < kDecimals; ++i) {
    micros = micros * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  }
  if (micros > kMaxMoneyMicros) {
    return MoneyError::too_large;
  }
  return pieces.negative ? -micros : micros;
}

std::string_view format_money(std::int64_t micros, std::span<char, 32> out) noexcept {
  char* next = out.data();
  if (micros < 0) {
    *next++ = '-';
  }
  const std::uint64_t amount = micros < 0 ? 0 - static_cast<std::uint64_t>(micros) : static_cast<std::uint64_t>(micros);
  next = std::to_chars(next, out.data() + out.size(), amount / kMicrosPerUnit).ptr;
  std::uint64_t fraction = amount % kMicrosPerUnit;
  if (fraction != 0) {
    *next++ = '.';
    for (std::uint64_t scale = kMicrosPerUnit / 10; fraction != 0; scale /= 10) {
      *next++ = static_cast<char>('0' + fraction / scale);
      fraction %= scale;
    }
  }
  return {out.data(), static_cast<std::size_t>(next - out.data())};
}

}  // namespace tributary
