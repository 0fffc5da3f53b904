#pragma once

#include <cstdint>
#include <span>

#include "core/visitor/address_privacy.h"

namespace tributary {

// The key that hashes addresses, by time: it is derived (BLAKE2b) from a secret and the number of the present period,
// so that every edge with the secret has the same one, and a visitor of one period is nobody's acquaintance in the
// next. Belongs to one thread.
class AddressKeys {
 public:
  // `period_s` 0: one key for ever.
  AddressKeys(std::span<const std::uint8_t> secret, std::uint32_t period_s) noexcept;
  ~AddressKeys();
  AddressKeys(const AddressKeys&) = delete;
  AddressKeys& operator=(const AddressKeys&) = delete;

  const AddressKey& at(std::uint64_t now_ms) noexcept;

 private:
  void derive() noexcept;

  std::array<std::uint8_t, 32> root_{};
  std::uint32_t period_s_;
  std::uint64_t period_ = 0;
  AddressKey key_{};
};

}  // namespace tributary
