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
  sub_id_1 = 32,  // ... sub_id_30 = 61
  sub_id_30 = 61,
};

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
  kModifierRaw = 1,    // for values that are URLs or parts of one: only what a URL cannot hold there is encoded
  kModifierLower = 2,  // ASCII letters in lower case
};

// Canonical names and aliases ({clickid}, {subid}, {cid}, {sub1}, {s1}, ...). Case-sensitive.
std::optional<Macro> find_macro(std::string_view name) noexcept;
// The canonical name; empty for a literal and for numbers without a macro.
std::string_view macro_name(Macro macro) noexcept;

}  // namespace tributary
