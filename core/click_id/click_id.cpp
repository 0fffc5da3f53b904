#include "core/click_id/click_id.h"

#include <sodium.h>

#include <bit>
#include <cassert>

#include "core/click_id/base32.h"
#include "core/click_id/layout.h"

namespace tributary {
namespace {

using click_id_layout::kMacBits;
using click_id_layout::kSpareBits;

static_assert(crypto_shorthash_KEYBYTES == sizeof(ClickIdKey::secret));

std::uint64_t big_endian(std::uint64_t value) noexcept {
  return std::endian::native == std::endian::big ? value : __builtin_bswap64(value);
}

// SipHash-2-4 of the 16 bytes of the identity, big-endian; the first 52 bits of the digest.
std::uint64_t mac_of(const ClickIdentity& identity, const ClickIdKey& key) noexcept {
  const std::uint64_t message[] = {big_endian(identity.high), big_endian(identity.low)};
  std::uint64_t digest;
  static_assert(sizeof(digest) == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&digest), reinterpret_cast<const unsigned char*>(message),
                   sizeof(message), key.secret.data());
  return big_endian(digest) >> (64 - kMacBits);
}

struct SignedIdentity {
  ClickIdentity identity;
  std::uint64_t mac = 0;
};

// The 160 bits are (high 64, low 44, mac 52), written as four groups of 40.
void write_bits(const SignedIdentity& id, std::span<char, kClickIdLength> out) noexcept {
  const std::uint64_t middle = id.identity.low | id.mac >> 32;
  const std::array<std::uint64_t, 4> groups = {
      id.identity.high >> 24,
      (id.identity.high & 0xff'ffff) << 16 | middle >> 48,
      middle >> 8,
      (middle & 0xff) << 32 | (id.mac & 0xffff'ffff),
  };
  base32::write_groups(groups, out);
}

SignedIdentity read_bits(std::string_view text, bool& invalid) noexcept {
  const std::uint64_t first = base32::read_group(text.substr(0, 8), invalid);
  const std::uint64_t second = base32::read_group(text.substr(8, 8), invalid);
  const std::uint64_t third = base32::read_group(text.substr(16, 8), invalid);
  const std::uint64_t fourth = base32::read_group(text.substr(24, 8), invalid);
  const std::uint64_t middle = second << 48 | third << 8 | fourth >> 32;
  constexpr std::uint64_t kSpareMask = (1ull << kSpareBits) - 1;
  return {{first << 24 | second >> 16, middle & ~kSpareMask}, (middle & kSpareMask) << 32 | (fourth & 0xffff'ffff)};
}

bool equal_in_constant_time(std::uint64_t a, std::uint64_t b) noexcept {
  return sodium_memcmp(&a, &b, sizeof(a)) == 0;
}

}  // namespace

void format_click_id(const ClickIdentity& identity, const ClickIdKey& key,
                     std::span<char, kClickIdLength> out) noexcept {
  assert(unpack_click_id(identity).key == key.id);
  write_bits({identity, mac_of(identity, key)}, out);
}

Result<ClickIdentity, ClickIdError> verify_click_id(std::string_view text, const ClickIdKeyring& keys,
                                                    std::uint64_t now_ms) noexcept {
  if (text.size() != kClickIdLength) {
    return ClickIdError::malformed;
  }
  bool invalid = false;
  const SignedIdentity id = read_bits(text, invalid);
  if (invalid) {
    return ClickIdError::malformed;
  }
  const ClickIdKey* key = keys.find(unpack_click_id(id.identity).key);
  if (key == nullptr) {
    return ClickIdError::unknown_key;
  }
  if (!equal_in_constant_time(id.mac, mac_of(id.identity, *key))) {
    return ClickIdError::forged;
  }
  if (!key->valid_at(now_ms)) {
    return ClickIdError::expired;
  }
  return id.identity;
}

}  // namespace tributary
