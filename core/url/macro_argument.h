#pragma once

#include <string>
#include <string_view>

#include "core/url/macro.h"

namespace tributary {

// What stands behind the colon of {date:...}, {random:...} or {sample:...}, as a compiled template keeps it.
struct MacroArgument {
  std::string text;   // date: the format; random: "FROM,TO"; sample: "a,b,c"
  std::string zone;   // of a date; empty: UTC
  std::string error;  // empty when all is well
};

// For authors of templates: reads the time zone database, allocates.
MacroArgument read_macro_argument(Macro macro, std::string_view text);

// "FROM,TO" as numbers; false when they are none or in the wrong order.
bool parse_random_range(std::string_view text, std::uint64_t& from, std::uint64_t& to) noexcept;

// The item of "a,b,c" that `random`, evenly spread, chooses.
std::string_view choose_sample(std::string_view items, std::uint64_t random) noexcept;

}  // namespace tributary
