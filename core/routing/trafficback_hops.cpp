#include "core/routing/trafficback_hops.h"

#include <sodium.h>

#include <algorithm>

#include "core/base/ascii.h"
#include "core/click_id/base32.h"
#include "core/click_id/tagged_mac.h"

namespace tributary {
namespace {

// 80 bits: hops 6, key 4, minutes since 1970 26, MAC 44.
constexpr unsigned kMacBits = 44;
constexpr std::uint64_t kMacMask = (std::uint64_t{1} << kMacBits) - 1;
constexpr std::uint64_t kMinute_ms = 60'000;
constexpr std::uint64_t kMinuteMask = (1u << 26) - 1;
constexpr std::uint64_t kClockSkew_minutes = 2;  // between edges

struct Claim {
  unsigned hops = 0;
  unsigned key = 0;
  std::uint64_t minute = 0;

  std::uint64_t bits() const noexcept { return std::uint64_t{hops} << 30 | std::uint64_t{key} << 26 | minute; }
  static Claim of(std::uint64_t bits) noexcept {
    return {static_cast<unsigned>(bits >> 30 & 63), static_cast<unsigned>(bits >> 26 & 15), bits & kMinuteMask};
  }
};

std::uint64_t mac_of(const Claim& claim, const ClickIdKey& key) noexcept {
  const std::uint64_t words[] = {claim.bits()};
  return tagged_mac("tributary hops 1", words, key) & kMacMask;
}

unsigned verified(std::string_view text, const ClickIdKeyring& keys, std::uint64_t now_ms) noexcept {
  if (text.size() != kHopTextLength) {
    return 0;
  }
  bool invalid = false;
  const std::uint64_t first = base32::read_group(text.substr(0, 8), invalid);
  const std::uint64_t second = base32::read_group(text.substr(8, 8), invalid);
  const Claim claim = Claim::of(first >> 4);
  const ClickIdKey* key = invalid ? nullptr : keys.find(claim.key);
  if (key == nullptr || !key->valid_at(now_ms)) {
    return 0;
  }
  const std::uint64_t given = (first & 15) << 40 | second;
  const std::uint64_t right = mac_of(claim, *key);
  const std::uint64_t minute = now_ms / kMinute_ms & kMinuteMask;
  const bool fresh = claim.minute <= minute + kClockSkew_minutes && minute <= claim.minute + kHopLife_ms / kMinute_ms;
  return sodium_memcmp(&given, &right, sizeof(given)) == 0 && fresh ? claim.hops : 0;
}

std::string_view host_of(std::string_view url) noexcept {
  const std::size_t scheme_end = url.find("//");
  if (scheme_end == std::string_view::npos) {
    return {};
  }
  url = url.substr(scheme_end + 2);
  url = url.substr(0, url.find_first_of("/?#"));
  url.remove_prefix(url.rfind('@') + 1);  // npos + 1 is 0
  url = url.substr(0, url.starts_with('[') ? url.find(']') + 1 : url.find(':'));
  return url.ends_with('.') ? url.substr(0, url.size() - 1) : url;  // "t.example." is the same host
}

}  // namespace

unsigned read_hops(std::span<const QueryParameter> parameters, const ClickIdKeyring& keys,
                   std::uint64_t now_ms) noexcept {
  unsigned highest = 0;
  for (const QueryParameter& parameter : parameters) {
    if (parameter.name.size() == kHopParameter.size() && parameter.name == kHopParameter) {
      highest = std::max(highest, verified(parameter.value, keys, now_ms));
    }
  }
  return highest;
}

HopText write_hops(unsigned hops, const ClickIdKey& key, std::uint64_t now_ms) noexcept {
  const Claim claim{std::min(hops, kMaxHops), key.id, now_ms / kMinute_ms & kMinuteMask};
  const std::uint64_t mac = mac_of(claim, key);
  HopText text;
  *std::copy(kHopParameter.begin(), kHopParameter.end(), text.begin()) = '=';
  base32::write_groups<2>({claim.bits() << 4 | mac >> 40, mac}, std::span(text).last<kHopTextLength>());
  return text;
}

bool leads_to(std::string_view url, std::string_view host) noexcept {
  return !host.empty() && ascii::equal_ignoring_case(host_of(url), host);
}

}  // namespace tributary
