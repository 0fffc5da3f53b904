#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace tributary {

// An address of IPv4 or IPv6. IPv4 is held in its v4-mapped form, ::ffff:a.b.c.d: both spellings are one address.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  // Empty for another family.
  static std::optional<IpAddress> from(const sockaddr* address) noexcept;
  static std::optional<IpAddress> parse(std::string_view text) noexcept;

  bool is_v4() const noexcept;
  std::string text() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// "10.0.0.0/8", "fd00::/8", or one address.
struct IpRange {
  IpAddress first;
  unsigned bits = 128;  // of the v4-mapped form: a /8 of IPv4 is 104

  static std::optional<IpRange> parse(std::string_view text) noexcept;
  bool contains(const IpAddress& address) const noexcept;
};

}  // namespace tributary
