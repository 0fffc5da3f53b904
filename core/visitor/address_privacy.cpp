#include "core/visitor/address_privacy.h"

#include <sodium.h>

#include <algorithm>

namespace tributary {
namespace {

constexpr std::size_t kV4Kept = 3;
constexpr std::size_t kV6Kept = 6;
constexpr std::uint8_t kUniqueLocal = 0xfd;  // never routed, so no data file places it

static_assert(crypto_shorthash_siphashx24_KEYBYTES == std::tuple_size_v<AddressKey>);
static_assert(crypto_shorthash_siphashx24_BYTES == 16);

AddressBytes unmapped(AddressBytes address) noexcept {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool mapped = address.size() == 16 && std::equal(kMapped.begin(), kMapped.end(), address.begin());
  return mapped ? AddressBytes(address.subspan(kMapped.size())) : address;
}

}  // namespace

AddressBytes private_address(AddressPrivacy privacy, AddressBytes address, const AddressKey& key,
                             std::span<std::uint8_t, 16> out) noexcept {
  address = unmapped(address);
  if (privacy == AddressPrivacy::keep) {
    return address;
  }
  if (address.size() != 4 && address.size() != 16) {
    return {};
  }
  if (privacy == AddressPrivacy::hash) {
    crypto_shorthash_siphashx24(out.data(), address.data(), address.size(), key.data());
    out[0] = kUniqueLocal;
    return AddressBytes(out.data(), out.size());
  }
  const std::size_t kept = address.size() == 4 ? kV4Kept : kV6Kept;
  std::fill(std::copy_n(address.begin(), kept, out.begin()), out.end(), std::uint8_t{0});
  return AddressBytes(out.data(), address.size());
}

}  // namespace tributary
