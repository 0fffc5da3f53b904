#include "core/postback/caller_trust.h"

#include <schema/snapshot_generated.h>
#include <sodium.h>

#include "core/condition/address.h"

namespace tributary {

SecretDigest secret_digest(std::string_view secret) noexcept {
  SecretDigest digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  return digest;
}

bool has_secret(const fbs::Network& network, const SecretDigest& given) noexcept {
  if (network.secrets() == nullptr) return false;
  bool same = false;
  for (const fbs::Secret* secret : *network.secrets()) {
    if (secret->sha256()->size() != given.size()) continue;
    same |= sodium_memcmp(secret->sha256()->data(), given.data(), given.size()) == 0;
  }
  return same;
}

bool is_allowed_address(const fbs::Network& network, std::span<const std::uint8_t> address) noexcept {
  const auto caller = address_number(address);
  if (!caller || network.allowed() == nullptr) return false;
  for (const flatbuffers::String* text : *network.allowed()) {
    const auto range = parse_address_range({text->c_str(), text->size()});
    if (range && range->is_v4 == caller->is_v4 && range->numbers.first <= caller->number &&
        caller->number <= range->numbers.last)
      return true;
  }
  return false;
}

}  // namespace tributary
