#include "core/snapshot/push.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/snapshot/format.h"
#include "core/state/overlay.h"

namespace tributary {
namespace {

constexpr std::string_view kMethod = "PUT\n";
constexpr std::string_view kSignatureField = "; signature=";
constexpr std::string_view kOverlayField = "kind=overlay; ";
constexpr std::size_t kSignatureText = 88;  // base64 of 64 bytes
static_assert(crypto_sign_BYTES == 64);
static_assert(crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64);

// Takes the fields of a header value apart, from left to right.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view rest) noexcept : rest_(rest) {}

  bool literal(std::string_view text) noexcept {
    if (!rest_.starts_with(text)) {
      return false;
    }
    rest_.remove_prefix(text.size());
    return true;
  }

  // Up to the next ';' or the end.
  std::string_view value() noexcept {
    const std::string_view taken = rest_.substr(0, rest_.find(';'));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool number(std::uint64_t& out, std::uint64_t max) noexcept {
    const std::string_view text = value();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && (text.size() == 1 || text.front() != '0') && out <= max;
  }

  bool done() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool lower_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
  std::size_t length = 0;
  return text.size() == out.size() * 2 && text.find_first_of("ABCDEF") == std::string_view::npos &&
         ::sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, nullptr) == 0 &&
         length == out.size();
}

// The fields before the signature.
bool parse_fields(std::string_view text, PushEnvelope& envelope) noexcept {
  HeaderReader reader(text);
  std::uint64_t epoch = 0;
  std::uint64_t format = 0;
  if (!reader.literal("v1; ")) {
    return false;
  }
  envelope.kind = reader.literal(kOverlayField) ? PushKind::overlay : PushKind::snapshot;
  if (!reader.literal("edge=")) {
    return false;
  }
  envelope.edge = reader.value();
  const bool parsed =
      is_edge_name(envelope.edge) && reader.literal("; epoch=") && reader.number(epoch, UINT16_MAX) &&
      reader.literal("; generation=") && reader.number(envelope.generation.counter, kMaxGenerationCounter) &&
      reader.literal("; length=") && reader.number(envelope.length, INT64_MAX) && reader.literal("; sha256=") &&
      lower_hex(reader.value(), envelope.sha256) && reader.literal("; format=") && reader.number(format, UINT32_MAX) &&
      reader.literal("; expires=") && reader.number(envelope.expires_s, INT64_MAX) && reader.done();
  envelope.generation.epoch = static_cast<std::uint16_t>(epoch);
  envelope.format = static_cast<std::uint32_t>(format);
  return parsed && envelope.generation.counter != 0;
}

struct PushLimits {
  std::uint32_t min_format;
  std::uint32_t max_format;
  std::uint64_t max_bytes;
};

PushLimits limits_of(PushKind kind) noexcept {
  return kind == PushKind::overlay ? PushLimits{kMinOverlayFormat, kMaxOverlayFormat, kMaxOverlayBytes}
                                   : PushLimits{kMinSnapshotFormat, kMaxSnapshotFormat, kMaxSnapshotBytes};
}

bool decode_signature(std::string_view text, std::array<std::uint8_t, crypto_sign_BYTES>& out) noexcept {
  std::size_t length = 0;
  return text.size() == kSignatureText &&
         ::sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, nullptr,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
         length == out.size();
}

bool signed_by_any(std::string_view fields, const std::array<std::uint8_t, crypto_sign_BYTES>& signature,
                   std::span<const PushPublicKey> keys) noexcept {
  std::array<unsigned char, kMethod.size() + kMaxPushHeader> message;
  std::memcpy(message.data(), kMethod.data(), kMethod.size());
  std::memcpy(message.data() + kMethod.size(), fields.data(), fields.size());
  return std::any_of(keys.begin(), keys.end(), [&](const PushPublicKey& key) {
    return ::crypto_sign_verify_detached(signature.data(), message.data(), kMethod.size() + fields.size(),
                                         key.data()) == 0;
  });
}

}  // namespace

std::string_view push_error_text(PushError error) noexcept {
  switch (error) {
    case PushError::missing: return "the header Tributary-Push is missing";
    case PushError::malformed: return "the header Tributary-Push is malformed";
    case PushError::bad_signature: return "the signature does not fit any key of tributary_config_key";
    case PushError::expired: return "the push has expired: compare the clocks of both hosts";
    case PushError::other_edge: return "the push is meant for another edge: compare tributary_edge";
    case PushError::unknown_format: return "this build does not read the format of the file";
    case PushError::too_large: return "the file is larger than this build accepts";
  }
  return "the push is refused";
}

bool is_edge_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kMaxEdgeName && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

std::string sign_push(const PushEnvelope& envelope, const PushSecretKey& key) {
  char hex[65];
  ::sodium_bin2hex(hex, sizeof(hex), envelope.sha256.data(), envelope.sha256.size());
  std::string value = "v1; " + std::string(envelope.kind == PushKind::overlay ? kOverlayField : "") +
                      "edge=" + std::string(envelope.edge) + "; epoch=" + std::to_string(envelope.generation.epoch) +
                      "; generation=" + std::to_string(envelope.generation.counter) +
                      "; length=" + std::to_string(envelope.length) + "; sha256=" + hex +
                      "; format=" + std::to_string(envelope.format) + "; expires=" + std::to_string(envelope.expires_s);
  const std::string message = std::string(kMethod) + value;
  std::array<unsigned char, crypto_sign_BYTES> signature;
  ::crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(message.data()),
                         message.size(), key.data());
  std::array<char, kSignatureText + 1> text;
  ::sodium_bin2base64(text.data(), text.size(), signature.data(), signature.size(), sodium_base64_VARIANT_ORIGINAL);
  return value.append(kSignatureField).append(text.data());
}

Result<PushEnvelope, PushError> verify_push(std::string_view header, std::span<const PushPublicKey> keys,
                                            std::string_view edge, std::uint64_t now_s) noexcept {
  if (header.empty()) {
    return PushError::missing;
  }
  PushEnvelope envelope;
  std::array<std::uint8_t, crypto_sign_BYTES> signature;
  const std::size_t end = header.size() > kMaxPushHeader ? std::string_view::npos : header.find(kSignatureField);
  if (end == std::string_view::npos || !parse_fields(header.substr(0, end), envelope) ||
      !decode_signature(header.substr(end + kSignatureField.size()), signature)) {
    return PushError::malformed;
  }
  if (!signed_by_any(header.substr(0, end), signature, keys)) {
    return PushError::bad_signature;
  }
  if (envelope.expires_s < now_s) {
    return PushError::expired;
  }
  if (envelope.edge != edge) {
    return PushError::other_edge;
  }
  const PushLimits limits = limits_of(envelope.kind);
  if (envelope.format < limits.min_format || envelope.format > limits.max_format) {
    return PushError::unknown_format;
  }
  if (envelope.length == 0 || envelope.length > limits.max_bytes) {
    return PushError::too_large;
  }
  return envelope;
}

}  // namespace tributary
