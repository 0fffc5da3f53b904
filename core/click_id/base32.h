#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

// Crockford's base32: no i, l, o, u; case-insensitive; the look-alikes i, l (1) and o (0) are accepted when reading.
// Works on 40-bit groups of eight characters, most significant first.
namespace tributary::base32 {

inline constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
inline constexpr std::uint8_t kInvalid = 0xff;
inline constexpr std::size_t kGroupLength = 8;

constexpr std::array<std::uint8_t, 256> make_values() noexcept {
  std::array<std::uint8_t, 256> values{};
  values.fill(kInvalid);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    const auto lower = static_cast<unsigned char>(kAlphabet[i]);
    values[lower] = static_cast<std::uint8_t>(i);
    if (lower >= 'a') {
      values[lower - 'a' + 'A'] = static_cast<std::uint8_t>(i);
    }
  }
  for (const unsigned char c : {'i', 'I', 'l', 'L'}) {
    values[c] = 1;
  }
  for (const unsigned char c : {'o', 'O'}) {
    values[c] = 0;
  }
  return values;
}
inline constexpr std::array<std::uint8_t, 256> kValues = make_values();

// The lower 40 bits of `group`.
constexpr void write_group(std::uint64_t group, std::span<char, kGroupLength> out) noexcept {
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kGroupLength; ++i) {
    out[i] = kAlphabet.data()[(group >> (35 - 5 * i)) & 31];
  }
}

// Sets `invalid` (and never clears it) when a character is not one of the alphabet.
constexpr std::uint64_t read_group(std::string_view text, bool& invalid) noexcept {
  std::uint64_t group = 0;
  std::uint8_t seen = 0;
  for (std::size_t i = 0; i < kGroupLength; ++i) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(text[i])];
    seen |= value;
    group = group << 5 | (value & 31);
  }
  invalid = invalid || seen > 31;
  return group;
}

}  // namespace tributary::base32
