#pragma once

#include <cstdint>

namespace tributary {

// Where a cap counts. Places are given again: `turn` is how often this one was given before.
struct CapPlace {
  std::uint32_t slot = 0;  // below 2^24
  std::uint32_t turn = 0;  // below 2^11
  friend bool operator==(const CapPlace&, const CapPlace&) = default;
};

inline constexpr std::uint32_t kCapTurns = 1u << 11;
inline constexpr std::uint32_t kCapWindowBits = 21;  // hours, the most frequent, until the year 2209

// As PostgreSQL numbers caps: turn * 2^24 + slot.
constexpr CapPlace cap_place(std::uint64_t number) noexcept {
  return {static_cast<std::uint32_t>(number & 0xff'ffff), static_cast<std::uint32_t>(number >> 24)};
}

// A window as it stands in a word. Those of a later turn are later ones, so what a cap has counted never counts for the
// next at its place, and who still has the former in an older configuration is refused.
constexpr std::uint32_t window_in_turn(std::uint32_t turn, std::uint32_t window) noexcept {
  return turn << kCapWindowBits | (window & ((1u << kCapWindowBits) - 1));
}
constexpr std::uint32_t window_out_of_turn(std::uint32_t window) noexcept {
  return window & ((1u << kCapWindowBits) - 1);
}
constexpr std::uint32_t turn_of(std::uint32_t window) noexcept {
  return window >> kCapWindowBits;
}

// How many were counted in which window. As a number it grows with either, so the later of two is the larger.
struct CapWord {
  std::uint32_t window = 0;
  std::uint32_t count = 0;

  constexpr CapWord() noexcept = default;
  constexpr CapWord(std::uint32_t in_window, std::uint32_t counted) noexcept : window(in_window), count(counted) {}
  constexpr explicit CapWord(std::uint64_t word) noexcept
      : window(static_cast<std::uint32_t>(word >> 32)), count(static_cast<std::uint32_t>(word)) {}

  constexpr std::uint64_t packed() const noexcept { return static_cast<std::uint64_t>(window) << 32 | count; }
  constexpr std::uint32_t in(std::uint32_t asked) const noexcept { return window == asked ? count : 0; }
};

// Stops at the largest count instead of beginning anew.
constexpr std::uint32_t saturating_add(std::uint32_t a, std::uint32_t b) noexcept {
  return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

}  // namespace tributary
