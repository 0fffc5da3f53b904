#pragma once

#include <chrono>
#include <cstdint>

namespace tributary::admin {

// Seconds since 1970, as tokens and signatures count.
inline std::int64_t unix_seconds() noexcept {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

}  // namespace tributary::admin
