#pragma once

#include <string_view>

namespace tributary {

struct Country {
  std::string_view code;       // ISO 3166-1 alpha-2, or XK
  std::string_view continent;  // AF, AN, AS, EU, NA, OC or SA
};

// The country of a code in any case. Empty for what is no country: ??, EU, A1, A2, ZZ and whatever else data files use
// to say that they do not know. The views are static.
Country find_country(std::string_view code) noexcept;

// The same for the code of a continent.
std::string_view find_continent(std::string_view code) noexcept;

}  // namespace tributary
