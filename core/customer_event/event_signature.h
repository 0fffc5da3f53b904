#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

// X-Signature: t=<unix seconds>,v1=<64 hex digits>[,v1=...] over "<t>.<body>", HMAC-SHA256.
namespace tributary {

inline constexpr std::size_t kMaxSignatureHeader = 512;  // bytes
inline constexpr std::size_t kMaxSignatures = 5;         // several while the secret is rotated
using SignatureDigest = std::array<std::uint8_t, 32>;

struct EventSignature {
  std::uint64_t time_s = 0;
  std::string_view time_text;  // as it was signed
  std::array<SignatureDigest, kMaxSignatures> digests{};
  std::size_t count = 0;
};

inline std::string_view text_of(const SignatureDigest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Strict: nothing but digits and hex digits, every part known by its name; parts of other names are skipped.
std::optional<EventSignature> parse_event_signature(std::string_view header) noexcept;

SignatureDigest sign_event(std::string_view secret, std::string_view time_text, std::string_view body) noexcept;

// Whether any of its digests is that of `expected`, in constant time.
bool has_digest(const EventSignature& signature, const SignatureDigest& expected) noexcept;

// Whether its time is at most `tolerance_s` before or after now.
bool is_fresh(const EventSignature& signature, std::uint64_t now_s, std::uint32_t tolerance_s) noexcept;

}  // namespace tributary
