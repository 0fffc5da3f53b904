#include "core/condition/address.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace tributary {
namespace {

constexpr WideNumber kMappedV4 = WideNumber{0xffff} << 32;  // ::ffff:0:0/96
constexpr WideNumber kMaxV4 = 0xffffffff;

std::optional<AddressNumber> parse_address(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> zero_terminated{};
  if (text.empty() || text.size() >= zero_terminated.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  text.copy(zero_terminated.data(), text.size());
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET, zero_terminated.data(), bytes.data()) == 1) {
    return address_number(std::span(bytes).first(4));
  }
  if (::inet_pton(AF_INET6, zero_terminated.data(), bytes.data()) == 1) {
    return address_number(bytes);
  }
  return std::nullopt;
}

// The range of `address`/`prefix`. A prefix of IPv4 inside IPv6 counts from the beginning of the IPv6 address.
std::optional<AddressRange> network(std::string_view address_text, std::string_view prefix_text) noexcept {
  const auto address = parse_address(address_text);
  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(prefix_text.data(), prefix_text.data() + prefix_text.size(), prefix);
  if (!address || error != std::errc() || end != prefix_text.data() + prefix_text.size()) {
    return std::nullopt;
  }
  if (address->is_v4 && address_text.find(':') != std::string_view::npos) {
    if (prefix < 96) {
      return std::nullopt;
    }
    prefix -= 96;
  }
  const unsigned width = address->is_v4 ? 32 : 128;
  if (prefix > width) {
    return std::nullopt;
  }
  const WideNumber all = address->is_v4 ? kMaxV4 : ~WideNumber{0};
  const WideNumber hosts = prefix == 0 ? all : (WideNumber{1} << (width - prefix)) - 1;
  const WideNumber first = address->number & ~hosts;
  return AddressRange{address->is_v4, {first, first | hosts}};
}

}  // namespace

std::optional<AddressNumber> address_number(std::span<const std::uint8_t> bytes) noexcept {
  if (bytes.size() != 4 && bytes.size() != 16) {
    return std::nullopt;
  }
  WideNumber number = 0;
  for (const std::uint8_t byte : bytes) {
    number = number << 8 | byte;
  }
  const bool mapped = bytes.size() == 16 && number >> 32 == kMappedV4 >> 32;
  return AddressNumber{bytes.size() == 4 || mapped, mapped ? number & kMaxV4 : number};
}

std::optional<AddressRange> parse_address_range(std::string_view text) noexcept {
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    return network(text.substr(0, slash), text.substr(slash + 1));
  }
  const auto dash = text.find('-');
  const auto first = parse_address(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_address(text.substr(dash + 1));
  if (!first || !last || first->is_v4 != last->is_v4 || first->number > last->number) {
    return std::nullopt;
  }
  return AddressRange{first->is_v4, {first->number, last->number}};
}

std::string address_text(const AddressNumber& address) {
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t length = address.is_v4 ? 4 : 16;
  for (std::size_t i = 0; i < length; ++i) {
    bytes[length - 1 - i] = static_cast<std::uint8_t>(address.number >> (8 * i));
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.is_v4 ? AF_INET : AF_INET6;
  return ::inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? std::string() : text.data();
}

}  // namespace tributary
