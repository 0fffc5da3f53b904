#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tributary::fbs {
struct Network;
}

// What a network or affiliate may be known by besides a signature (core/postback/call_signature.h).
namespace tributary {

using SecretDigest = std::array<std::uint8_t, 32>;

SecretDigest secret_digest(std::string_view secret) noexcept;

// Whether it is one of the secrets: compared as SHA-256, in constant time, all of them.
bool has_secret(const fbs::Network& network, const SecretDigest& given) noexcept;

// Whether an address of 4 or 16 bytes is one that calls are taken from.
bool is_allowed_address(const fbs::Network& network, std::span<const std::uint8_t> address) noexcept;

}  // namespace tributary
