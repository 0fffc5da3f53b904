#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/generation.h"
#include "core/base/result.h"

// The signed envelope of a push. The header value is verified before the body is read, the hash while it is spooled.
//
//   Tributary-Push: v1; edge=<name>; epoch=1; generation=42; length=123; sha256=<64 hex>; format=1; expires=<unix s>;
//                   signature=<base64 of 64 bytes>
//
// An overlay (core/state/overlay.h) is pushed the same way, with "kind=overlay; " before the edge; its generation is
// its version.
//
// One line: fields in this order, "; " between them, numbers without leading zeros, hexadecimal digits in lower case,
// base64 with padding. There is one way to write an envelope, so nothing is left to interpretation. The signature is
// Ed25519 over "PUT\n" and the value up to, not including, "; signature=".
namespace tributary {

inline constexpr std::string_view kPushHeader = "Tributary-Push";
inline constexpr std::size_t kMaxPushHeader = 512;
inline constexpr std::size_t kMaxEdgeName = 64;  // letters, digits, '.', '_', '-'

enum class PushKind : std::uint8_t { snapshot, overlay };

struct PushEnvelope {
  PushKind kind = PushKind::snapshot;
  std::string_view edge;  // view into the header value
  Generation generation;
  std::uint64_t length = 0;
  std::array<std::uint8_t, 32> sha256{};
  std::uint32_t format = 0;
  std::uint64_t expires_s = 0;
};

enum class PushError : std::uint8_t {
  missing,
  malformed,
  bad_signature,
  expired,
  other_edge,
  unknown_format,
  too_large
};
std::string_view push_error_text(PushError error) noexcept;

using PushPublicKey = std::array<std::uint8_t, 32>;
using PushSecretKey = std::array<std::uint8_t, 64>;

bool is_edge_name(std::string_view name) noexcept;

// The value of the header. The edge must be a name as above.
std::string sign_push(const PushEnvelope& envelope, const PushSecretKey& key);

// Any of `keys` is accepted (rotation). Checks form, signature, expiry, the name of the edge, that this build reads the
// format and that the length is not above the largest of its kind, in this order: nothing is told to who cannot sign.
Result<PushEnvelope, PushError> verify_push(std::string_view header, std::span<const PushPublicKey> keys,
                                            std::string_view edge, std::uint64_t now_s) noexcept;

}  // namespace tributary
