#pragma once

#include <cstdint>
#include <string_view>

namespace tributary {

// Where an address is, as far as the operator's data knows. Empty and 0 mean unknown. The views point into the data
// file that answered and live as long as it is mapped.
struct Place {
  std::string_view country;    // ISO 3166-1 alpha-2, upper case
  std::string_view continent;  // AF, AN, AS, EU, NA, OC or SA
  std::string_view region;     // ISO 3166-2 without the country, or the name where the data has no code
  std::string_view city;
  std::string_view isp;         // who runs the network
  std::string_view connection;  // as the data says it: cellular, corporate, cable/dsl ...
  std::uint32_t asn = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

}  // namespace tributary
