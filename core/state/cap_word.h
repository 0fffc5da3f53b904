#pragma once

#include <cstdint>

namespace tributary {

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
