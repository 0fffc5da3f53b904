#include "core/customer_event/event_identity.h"

#include <sodium.h>

#include <array>

namespace tributary {
namespace {

std::uint64_t big_endian(const unsigned char* bytes) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) {
    value = value << 8 | bytes[i];
  }
  return value;
}

void add_number(crypto_hash_sha256_state& state, std::uint64_t value) noexcept {
  std::array<unsigned char, 8> bytes;
  for (std::size_t i = bytes.size(); i-- > 0; value >>= 8) {
    bytes[i] = static_cast<unsigned char>(value);
  }
  crypto_hash_sha256_update(&state, bytes.data(), bytes.size());
}

}  // namespace

EventIdentity event_identity(std::uint32_t advertiser, EventNaming naming, std::string_view name,
                             std::uint64_t place) noexcept {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  add_number(state, advertiser);
  add_number(state, static_cast<std::uint64_t>(naming));
  add_number(state, place);
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(name.data()), name.size());
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256_final(&state, hash.data());
  return {big_endian(hash.data()), big_endian(hash.data() + 8)};
}

void write_event_id(const EventIdentity& id, char* out) noexcept {
  constexpr char kHex[] = "0123456789abcdef";
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) {
      *out++ = '-';
    }
    const std::uint64_t half = digit < 16 ? id.high : id.low;
    *out++ = kHex[half >> (60 - digit % 16 * 4) & 15];
  }
}

}  // namespace tributary
