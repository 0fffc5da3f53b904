#pragma once

#include <cstdint>
#include <string_view>

namespace tributary {

// What stands behind the location of a lander's links: `2/TOKEN`, `TOKEN`, `2` or nothing.
struct LanderPath {
  std::uint32_t offer = 0;  // 0: none is named
  std::string_view token;   // empty: a parameter of the query has it
};

LanderPath read_lander_path(std::string_view tail) noexcept;

}  // namespace tributary
