#pragma once

#include <array>
#include <cstdint>

#include "core/click_id/click_id.h"

namespace tributary {

// A click's identity as PostgreSQL has it.
inline std::array<std::uint8_t, 16> click_uuid(const ClickIdentity& id) noexcept {
  std::array<std::uint8_t, 16> bytes;
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(id.high >> (56 - 8 * i));
    bytes[i + 8] = static_cast<std::uint8_t>(id.low >> (56 - 8 * i));
  }
  return bytes;
}

inline ClickIdentity click_identity(const std::array<std::uint8_t, 16>& bytes) noexcept {
  ClickIdentity id;
  for (unsigned i = 0; i < 8; ++i) {
    id.high = id.high << 8 | bytes[i];
    id.low = id.low << 8 | bytes[i + 8];
  }
  return id;
}

}  // namespace tributary
