#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tributary {

// What a template may name. Numbers are part of the snapshot format: never reuse or reorder.
enum class Macro : std::uint16_t {
  literal = 0,
  click_id = 1,
  campaign_id = 2,
  stream_id = 3,
  destination_id = 4,
  source_id = 5,
  external_id = 6,
  keyword = 7,
  cost = 8,
  currency = 9,
  utm_source = 10,
  utm_medium = 11,
  utm_campaign = 12,
  utm_content = 13,
  utm_term = 14,
  ip = 15,
  user_agent = 16,
  referrer = 17,
  language = 18,
  time_s = 19,
  // Where the address is, and what the user agent says: looked up when a template has them.
  country = 20,
  continent = 21,
  region = 22,
  city = 23,
  isp = 24,
  asn = 25,
  connection_type = 26,
  device_type = 27,
  device_brand = 28,
  device_model = 29,
  os = 30,
  os_version = 31,
  sub_id_1 = 32,  // ... sub_id_30 = 61
  sub_id_30 = 61,
  browser = 62,
  browser_version = 63,
  // With an argument.
  date = 64,
  random = 65,
  sample = 66,
  lander_click = 67,  // of a lander: what its links hand back to tributary_lander_click
  lander_id = 68,
};

constexpr bool takes_argument(Macro macro) noexcept {
  return macro >= Macro::date && macro <= Macro::sample;
}

// {sub_id_n}, n from 1 to 30.
constexpr Macro sub_id_macro(unsigned n) noexcept {
  return static_cast<Macro>(static_cast<unsigned>(Macro::sub_id_1) + n - 1);
}
// The inverse; 0 when the macro is no sub id.
constexpr unsigned sub_id_of(Macro macro) noexcept {
  return macro >= Macro::sub_id_1 && macro <= Macro::sub_id_30
             ? static_cast<unsigned>(macro) - static_cast<unsigned>(Macro::sub_id_1) + 1
             : 0;
}

enum MacroModifier : std::uint16_t {
  kModifierRaw = 1,       // for values that are URLs or parts of one: only what a URL cannot hold there is encoded
  kModifierLower = 2,     // ASCII letters in lower case
  kModifierHash = 4,      // SHA-256 of the value (in lower case, if that too is asked for), 64 hexadecimal digits
  kModifierArgument = 8,  // the part's piece of the text is the argument
};
inline constexpr unsigned kZoneShift = 8;  // the bits above: which zone of the template, counted from 1; 0 is UTC

// Canonical names and aliases ({clickid}, {subid}, {cid}, {sub1}, {s1}, ...). Case-sensitive.
std::optional<Macro> find_macro(std::string_view name) noexcept;
// The canonical name; empty for a literal and for numbers without a macro.
std::string_view macro_name(Macro macro) noexcept;

}  // namespace tributary
