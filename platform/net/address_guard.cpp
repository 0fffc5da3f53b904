#include "platform/net/address_guard.h"

#include <algorithm>

namespace tributary {
namespace {

struct SpecialBlock {
  IpRange range;
  std::string_view use;
};

SpecialBlock block(std::string_view range, std::string_view use) noexcept {
  return {*IpRange::parse(range), use};
}

// IANA's registries of special-purpose addresses.
const SpecialBlock kSpecialV4[] = {
    block("0.0.0.0/8", "this network"),        block("10.0.0.0/8", "private use"),
    block("100.64.0.0/10", "carrier NAT"),     block("127.0.0.0/8", "loopback"),
    block("169.254.0.0/16", "link-local"),     block("172.16.0.0/12", "private use"),
    block("192.0.0.0/24", "protocols"),        block("192.0.2.0/24", "documentation"),
    block("192.31.196.0/24", "AS112"),         block("192.52.193.0/24", "AMT"),
    block("192.88.99.0/24", "6to4 relay"),     block("192.168.0.0/16", "private use"),
    block("192.175.48.0/24", "AS112"),         block("198.18.0.0/15", "benchmarks"),
    block("198.51.100.0/24", "documentation"), block("203.0.113.0/24", "documentation"),
    block("224.0.0.0/4", "multicast"),         block("240.0.0.0/4", "future use"),
};

// Inside 2000::/3, all that is global unicast.
const SpecialBlock kSpecialV6[] = {
    block("2001::/23", "protocols"),  // Teredo, benchmarks, ORCHID
    block("2001:db8::/32", "documentation"), block("2002::/16", "6to4"),
    block("2620:4f:8000::/48", "AS112"),     block("3fff::/20", "documentation"),
};

const IpRange kGlobalUnicast = *IpRange::parse("2000::/3");
const IpRange kNat64 = *IpRange::parse("64:ff9b::/96");
const SpecialBlock kUnusualV6[] = {
    block("::/128", "no address"),          block("::1/128", "loopback"),     block("::/96", "embedded IPv4"),
    block("64:ff9b:1::/48", "local NAT64"), block("100::/64", "discarding"),  block("fc00::/7", "private use"),
    block("fe80::/10", "link-local"),       block("fec0::/10", "site-local"), block("ff00::/8", "multicast"),
};

template <std::size_t kCount>
std::string_view find_use(const SpecialBlock (&blocks)[kCount], const IpAddress& address) noexcept {
  const auto* found =
      std::find_if(blocks, blocks + kCount, [&](const SpecialBlock& one) { return one.range.contains(address); });
  return found == blocks + kCount ? std::string_view() : found->use;
}

// The last four bytes as an address of IPv4.
IpAddress embedded_v4(const IpAddress& address) noexcept {
  IpAddress v4 = *IpAddress::parse("0.0.0.0");
  std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin() + 12);
  return v4;
}

// ISATAP: the interface is ::0:5efe:a.b.c.d or ::200:5efe:a.b.c.d below any prefix.
bool is_isatap(const IpAddress& address) noexcept {
  const auto& b = address.bytes;
  return (b[8] & 0xfd) == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe;
}

}  // namespace

std::string_view special_use(const IpAddress& address) noexcept {
  if (address.is_v4()) return find_use(kSpecialV4, address);
  if (kNat64.contains(address)) return find_use(kSpecialV4, embedded_v4(address));
  if (const auto use = find_use(kUnusualV6, address); !use.empty()) return use;
  if (!kGlobalUnicast.contains(address)) return "no public use";
  if (is_isatap(address)) return "ISATAP";
  return find_use(kSpecialV6, address);
}

Result<AddressGuard, std::string> AddressGuard::parse(std::string_view allowed) {
  constexpr std::string_view kDividers = " ,\t\n";
  AddressGuard guard;
  while (true) {
    const auto begin = allowed.find_first_not_of(kDividers);
    if (begin == allowed.npos) return guard;
    const auto end = std::min(allowed.find_first_of(kDividers, begin), allowed.size());
    const auto word = allowed.substr(begin, end - begin);
    const auto range = IpRange::parse(word);
    if (!range) return std::string(word) + " is no range of addresses (10.0.0.0/8, fd00::/8, ::1)";
    guard.allowed_.push_back(*range);
    allowed.remove_prefix(end);
  }
}

std::string AddressGuard::refusal(const IpAddress& address) const {
  const auto use = special_use(address);
  const bool allowed = use.empty() || std::any_of(allowed_.begin(), allowed_.end(),
                                                  [&](const IpRange& range) { return range.contains(address); });
  return allowed ? std::string() : address.text() + " is for " + std::string(use);
}

}  // namespace tributary
