#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "platform/net/ip_address.h"

// Guard against server-side request forgery: URLs that users write must not reach into our own network.
namespace tributary {

// What an address is used for when it is not one of the public Internet ("loopback", "private use", ...); empty for a
// public one. IPv6 addresses that carry one of IPv4 are judged by that, or refused when their kind is obsolete.
std::string_view special_use(const IpAddress& address) noexcept;

// Which addresses may be connected to: the public ones, and ranges that the operator allows. Judge what a name resolved
// to at the moment of connecting, never the name: a second resolution may answer differently. Immutable.
class AddressGuard {
 public:
  // Ranges divided by blanks or commas; empty: public addresses only. The error names the one that is none.
  static Result<AddressGuard, std::string> parse(std::string_view allowed);

  // Empty: go on. Else "127.0.0.1 is for loopback".
  std::string refusal(const IpAddress& address) const;

 private:
  std::vector<IpRange> allowed_;
};

}  // namespace tributary
