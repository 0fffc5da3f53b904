#include "core/visitor/address_keys.h"

#include <sodium.h>

#include <string_view>

namespace tributary {
namespace {

constexpr std::string_view kPurpose = "tributary address";

}  // namespace

AddressKeys::AddressKeys(std::span<const std::uint8_t> secret, std::uint32_t period_s) noexcept : period_s_(period_s) {
  crypto_generichash(root_.data(), root_.size(), secret.data(), secret.size(),
                     reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size());
  derive();
}

AddressKeys::~AddressKeys() {
  sodium_memzero(root_.data(), root_.size());
  sodium_memzero(key_.data(), key_.size());
}

const AddressKey& AddressKeys::at(std::uint64_t now_ms) noexcept {
  const std::uint64_t period = period_s_ == 0 ? 0 : now_ms / 1000 / period_s_;
  if (period != period_) {
    period_ = period;
    derive();
  }
  return key_;
}

void AddressKeys::derive() noexcept {
  std::array<std::uint8_t, 8> number;
  for (std::size_t i = 0; i < number.size(); ++i) {
    number[i] = static_cast<std::uint8_t>(period_ >> (8 * i));
  }
  crypto_generichash(key_.data(), key_.size(), number.data(), number.size(), root_.data(), root_.size());
}

}  // namespace tributary
