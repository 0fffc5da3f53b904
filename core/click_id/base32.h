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

// The lower 40 bits of `group` as eight numbers, one in each byte, the first in the lowest.
constexpr std::uint64_t spread_group(std::uint64_t group) noexcept {
  std::uint64_t spread = (group >> 20 & 0xfffff) | (group & 0xfffff) << 32;
  spread = (spread >> 10 & 0x3ff'0000'03ff) | (spread & 0x3ff'0000'03ff) << 16;
  return (spread >> 5 & 0x1f'001f'001f'001f) | (spread & 0x1f'001f'001f'001f) << 8;
}

// Computed, not looked up: the compiler does sixteen of them at a time.
constexpr char character(std::uint8_t value) noexcept {
  const int letter = value > 9 ? 'a' - '9' - 1 : 0;
  const int left_out = (value > 17) + (value > 19) + (value > 21) + (value > 26);  // i, l, o, u
  return static_cast<char>('0' + value + letter + left_out);
}

// Groups one behind the other; of each its lower 40 bits.
template <std::size_t kGroups>
void write_groups(const std::array<std::uint64_t, kGroups>& groups,
                  std::span<char, kGroups * kGroupLength> out) noexcept {
  std::array<std::uint8_t, kGroups * kGroupLength> values;
  for (std::size_t group = 0; group < kGroups; ++group) {
    const std::uint64_t spread = spread_group(groups[group]);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kGroupLength; ++i) {
      values[group * kGroupLength + i] = static_cast<std::uint8_t>(spread >> 8 * i);
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    out[i] = character(values[i]);
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
