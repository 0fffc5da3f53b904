#include "core/customer_event/event_signature.h"

#include <sodium.h>

#include <charconv>

#include "core/base/ascii.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxTimeDigits = 12;

bool read_time(std::string_view text, EventSignature& signature) noexcept {
  if (text.empty() || text.size() > kMaxTimeDigits || !signature.time_text.empty()) {
    return false;
  }
  const auto read = std::from_chars(text.data(), text.data() + text.size(), signature.time_s);
  signature.time_text = text;
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool read_digest(std::string_view hex, EventSignature& signature) noexcept {
  if (hex.size() != 2 * sizeof(SignatureDigest) || signature.count == kMaxSignatures) {
    return false;
  }
  SignatureDigest& digest = signature.digests[signature.count++];
  std::size_t length = 0;
  return sodium_hex2bin(digest.data(), digest.size(), hex.data(), hex.size(), nullptr, &length, nullptr) == 0 &&
         length == digest.size();
}

bool read_part(std::string_view part, EventSignature& signature) noexcept {
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos) {
    return false;
  }
  const std::string_view name = ascii::trim(part.substr(0, equals));
  const std::string_view value = part.substr(equals + 1);
  if (name == "t") {
    return read_time(value, signature);
  }
  return name != "v1" || read_digest(value, signature);
}

}  // namespace

std::optional<EventSignature> parse_event_signature(std::string_view header) noexcept {
  if (header.size() > kMaxSignatureHeader) {
    return std::nullopt;
  }
  EventSignature signature;
  while (true) {
    const std::size_t comma = header.find(',');
    if (!read_part(ascii::trim(header.substr(0, comma)), signature)) {
      return std::nullopt;
    }
    if (comma == std::string_view::npos) {
      break;
    }
    header.remove_prefix(comma + 1);
  }
  if (signature.time_text.empty() || signature.count == 0) {
    return std::nullopt;
  }
  return signature;
}

SignatureDigest sign_event(std::string_view secret, std::string_view time_text, std::string_view body) noexcept {
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes(secret), secret.size());
  for (const std::string_view part : {time_text, std::string_view("."), body}) {
    crypto_auth_hmacsha256_update(&state, bytes(part), part.size());
  }
  SignatureDigest digest;
  crypto_auth_hmacsha256_final(&state, digest.data());
  return digest;
}

bool has_digest(const EventSignature& signature, const SignatureDigest& expected) noexcept {
  bool same = false;
  for (std::size_t i = 0; i < signature.count; ++i) {
    same |= sodium_memcmp(signature.digests[i].data(), expected.data(), expected.size()) == 0;
  }
  return same;
}

bool is_fresh(const EventSignature& signature, std::uint64_t now_s, std::uint32_t tolerance_s) noexcept {
  return signature.time_s <= now_s + tolerance_s && now_s <= signature.time_s + tolerance_s;
}

}  // namespace tributary
