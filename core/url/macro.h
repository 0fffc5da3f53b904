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

enum MacroModifier : std::uint16_t {
  kModifierRaw = 1,  // not percent-encoded; control bytes and spaces are encoded all the same
  kModifierLower = 2,
};

// Canonical names and aliases ({clickid}, {subid}, {cid}, {sub1}, {s1}, ...). Case-sensitive.
std::optional<Macro> find_macro(std::string_view name) noexcept;
std::string_view macro_name(Macro macro) noexcept;

}  // namespace tributary
