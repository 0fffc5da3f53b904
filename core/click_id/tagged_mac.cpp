#include "core/click_id/tagged_mac.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace tributary {

std::uint64_t tagged_mac(std::string_view tag, std::span<const std::uint64_t> words, const ClickIdKey& key) noexcept {
  assert(tag.size() == kMacTagLength && !words.empty() && words.size() <= kMaxMacWords);
  std::array<unsigned char, kMacTagLength + kMaxMacWords * sizeof(std::uint64_t)> message;
  unsigned char* end = std::copy(tag.begin(), tag.end(), message.data());
  for (const std::uint64_t word : words) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      *end++ = static_cast<unsigned char>(word >> shift);
    }
  }
  std::array<unsigned char, crypto_shorthash_BYTES> digest;
  crypto_shorthash(digest.data(), message.data(), static_cast<std::size_t>(end - message.data()), key.secret.data());
  std::uint64_t mac = 0;
  for (const unsigned char byte : digest) {
    mac = mac << 8 | byte;
  }
  return mac;
}

}  // namespace tributary
