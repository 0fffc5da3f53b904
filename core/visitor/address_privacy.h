#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/event/event.h"

namespace tributary {

// What becomes of a visitor's address before an event is written, after the place was found and the decision made.
enum class AddressPrivacy : std::uint8_t {
  keep,
  truncate,  // IPv4 to its /24, IPv6 to its /48
  hash,      // to an address of fd00::/8 that stands for the visitor and leads back to nobody without the key
};

using AddressKey = std::array<std::uint8_t, 16>;

// The address as it is written: `address` itself, or 4 or 16 bytes in `out`, which must live as long as the result.
// Hashes are keyed with SipHash-2-4, 128 bits, of which the first byte gives way to 0xfd: the same visitor has the same
// address at every edge that has the same key. An IPv4 address mapped into IPv6 counts as the IPv4 address. What is no
// address stays empty.
AddressBytes private_address(AddressPrivacy privacy, AddressBytes address, const AddressKey& key,
                             std::span<std::uint8_t, 16> out) noexcept;

}  // namespace tributary
