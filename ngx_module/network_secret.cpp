#include "ngx_module/network_secret.h"

#include <schema/snapshot_generated.h>
#include <sodium.h>

#include "core/condition/address.h"
#include "ngx_module/text/redact.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxSecret = 512;
using Digest = std::array<unsigned char, crypto_hash_sha256_BYTES>;

Digest digest(std::string_view text) noexcept {
  Digest out;
  crypto_hash_sha256(out.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return out;
}

std::string_view plain(std::string_view text, bool decoded, std::span<char> buffer) noexcept {
  return decoded ? text : decode_component(text, buffer);
}

// In the path, else the first parameter that is called token or secret, else the key where the path has room for
// nothing else.
Digest presented(const PostbackCall& call) noexcept {
  if (!call.path_secret.empty()) return digest(call.path_secret);
  std::array<char, kMaxSecret> name_buffer, value_buffer;
  for (const QueryParameter& parameter : call.parameters()) {
    if (is_secret_name(plain(parameter.name, parameter.decoded, name_buffer))) {
      return digest(plain(parameter.value, parameter.decoded, value_buffer));
    }
  }
  return digest(call.key_secret);
}

bool is_allowed(const fbs::Network& network, std::span<const std::uint8_t> bytes) noexcept {
  const auto address = address_number(bytes);
  if (!address || network.allowed() == nullptr) return false;
  for (const flatbuffers::String* text : *network.allowed()) {
    const auto range = parse_address_range({text->c_str(), text->size()});
    if (range && range->is_v4 == address->is_v4 && range->numbers.first <= address->number &&
        address->number <= range->numbers.last)
      return true;
  }
  return false;
}

bool is_secret(const fbs::Network& network, const Digest& given) noexcept {
  if (network.secrets() == nullptr) return false;
  bool same = false;
  for (const fbs::Secret* secret : *network.secrets()) {
    if (secret->sha256()->size() != given.size()) continue;
    same |= sodium_memcmp(secret->sha256()->data(), given.data(), given.size()) == 0;
  }
  return same;
}

}  // namespace

Authenticity check_secret(const PostbackCall& call, const fbs::Network* network,
                          std::span<const std::uint8_t> address) noexcept {
  const Digest given = presented(call);
  if (network == nullptr || network->state() == fbs::State::Deleted) return Authenticity::refused;
  if (network->auth() == fbs::PostbackAuth::None) return Authenticity::unverified;
  const bool verified = (network->auth() == fbs::PostbackAuth::Token && is_secret(*network, given)) ||
                        (network->auth() == fbs::PostbackAuth::Ip && is_allowed(*network, address));
  return verified ? Authenticity::verified : Authenticity::refused;
}

}  // namespace tributary
