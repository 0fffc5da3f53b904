#include "core/postback/envelope.h"

#include <openssl/evp.h>
#include <schema/snapshot_generated.h>
#include <sodium.h>

#include <array>
#include <memory>
#include <vector>

#include "core/base/ascii.h"
#include "core/request/json_body.h"
#include "core/request/query.h"

namespace tributary {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kKey = 32;
constexpr std::size_t kMaxOuterMembers = 8;
using Bytes = std::vector<unsigned char>;

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

std::optional<std::string> awin_push(std::string_view body) {
  std::array<QueryParameter, kMaxQueryParameters> parameters;
  bool truncated = false;
  const std::size_t count = parse_query(body, parameters, truncated);
  for (const QueryParameter& parameter : std::span(parameters).first(count)) {
    if (!ascii::equal_ignoring_case(parameter.name, "AwinTransactionPush")) continue;
    std::string text(parameter.value.size(), '\0');
    return std::string(decode_component(parameter.value, text));
  }
  return std::nullopt;
}

std::optional<Bytes> base64(std::string_view text) {
  if (text.empty()) return Bytes{};  // libsodium takes no null for the place of nothing
  Bytes bytes(text.size());
  std::size_t length = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), "\r\n ", &length, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  bytes.resize(length);
  return bytes;
}

// {"notification": "<base64>", "iv": "<base64>"}
struct Notification {
  Bytes cipher;
  Bytes iv;
};

std::optional<Notification> read_notification(std::string_view body) {
  std::vector<char> memory(body.size());
  Arena arena{memory};
  std::array<QueryParameter, kMaxOuterMembers> members;
  const auto count = parse_flat_json(body, members, arena);
  if (!count) return std::nullopt;
  Notification notification;
  for (const QueryParameter& member : std::span(members).first(*count)) {
    const bool cipher = member.name == "notification";
    if (!cipher && member.name != "iv") continue;
    auto bytes = base64(member.value);
    if (!bytes) return std::nullopt;
    (cipher ? notification.cipher : notification.iv) = std::move(*bytes);
  }
  const std::size_t size = notification.cipher.size();
  const bool whole = size != 0 && size % kBlock == 0 && notification.iv.size() == kBlock;
  return whole ? std::optional(std::move(notification)) : std::nullopt;
}

// The first 32 hex digits of the SHA-1 of the secret, as they are written.
std::optional<std::array<char, kKey>> key_of(std::string_view secret) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sha1;
  unsigned size = 0;
  if (EVP_Digest(secret.data(), secret.size(), sha1.data(), &size, EVP_sha1(), nullptr) != 1) return std::nullopt;
  std::array<char, kKey + 1> hex;
  sodium_bin2hex(hex.data(), hex.size(), sha1.data(), kKey / 2);
  std::array<char, kKey> key;
  std::copy_n(hex.begin(), key.size(), key.begin());
  return key;
}

std::optional<std::string> decrypt(const Notification& notification, std::string_view secret) {
  const auto key = key_of(secret);
  const std::unique_ptr<EVP_CIPHER_CTX, CipherFree> context(EVP_CIPHER_CTX_new());
  if (!key || context == nullptr ||
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, reinterpret_cast<const unsigned char*>(key->data()),
                         notification.iv.data()) != 1) {
    return std::nullopt;
  }
  std::string text(notification.cipher.size() + kBlock, '\0');
  auto* out = reinterpret_cast<unsigned char*>(text.data());
  int length = 0, rest = 0;
  if (EVP_DecryptUpdate(context.get(), out, &length, notification.cipher.data(),
                        static_cast<int>(notification.cipher.size())) != 1 ||
      EVP_DecryptFinal_ex(context.get(), out + length, &rest) != 1) {
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(length) + static_cast<std::size_t>(rest));
  const std::string_view object = ascii::trim(text);
  const bool is_object = object.starts_with('{') && object.ends_with('}');
  return is_object ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<std::string> clickbank_ins(const fbs::Network& network, std::string_view body, std::uint64_t now_ms) {
  const auto notification = read_notification(body);
  if (!notification || network.signature_secrets() == nullptr) return std::nullopt;
  for (const fbs::SignatureSecret* item : *network.signature_secrets()) {
    if (item->valid_until_ms() != 0 && item->valid_until_ms() <= now_ms) continue;
    const std::string_view secret(reinterpret_cast<const char*>(item->secret()->data()), item->secret()->size());
    if (auto text = decrypt(*notification, secret)) return text;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> open_envelope(const fbs::Network& network, std::string_view body, std::uint64_t now_ms) {
  switch (network.envelope()) {
    case fbs::Envelope::Awin: return awin_push(body);
    case fbs::Envelope::ClickbankIns: return clickbank_ins(network, body, now_ms);
    case fbs::Envelope::None: break;
  }
  return std::nullopt;
}

}  // namespace tributary
