#include "platform/net/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace tributary {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

IpAddress mapped(const in_addr& v4) noexcept {
  IpAddress address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
  std::memcpy(address.bytes.data() + kMappedPrefix.size(), &v4, sizeof v4);
  return address;
}

}  // namespace

std::optional<IpAddress> IpAddress::from(const sockaddr* address) noexcept {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return mapped(v4.sin_addr);
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6;
  std::memcpy(&v6, address, sizeof v6);
  IpAddress out;
  std::memcpy(out.bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
  char zero_ended[INET6_ADDRSTRLEN] = {};
  if (text.empty() || text.size() >= sizeof zero_ended || text.find('\0') != text.npos) return std::nullopt;
  std::copy(text.begin(), text.end(), zero_ended);
  in_addr v4;
  if (inet_pton(AF_INET, zero_ended, &v4) == 1) return mapped(v4);
  IpAddress out;
  if (inet_pton(AF_INET6, zero_ended, out.bytes.data()) == 1) return out;
  return std::nullopt;
}

bool IpAddress::is_v4() const noexcept {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

std::string IpAddress::text() const {
  char out[INET6_ADDRSTRLEN];
  const bool v4 = is_v4();
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data() + (v4 ? kMappedPrefix.size() : 0), out, sizeof out);
  return out;
}

std::optional<IpRange> IpRange::parse(std::string_view text) noexcept {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == text.npos) return IpRange{*address, 128};
  const auto digits = text.substr(slash + 1);
  const bool v4 = text.find(':') == text.npos;
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() || bits > (v4 ? 32u : 128u)) return std::nullopt;
  return IpRange{*address, v4 ? kMappedBits + bits : bits};
}

bool IpRange::contains(const IpAddress& address) const noexcept {
  const unsigned whole = bits / 8;
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + whole, address.bytes.begin())) return false;
  const unsigned rest = bits % 8;
  const auto differing = static_cast<unsigned>(rest == 0 ? 0 : first.bytes[whole] ^ address.bytes[whole]);
  return differing >> (8 - rest) == 0;
}

}  // namespace tributary
