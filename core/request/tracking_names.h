#pragma once

#include <cstdint>
#include <string_view>

namespace tributary {

enum class TrackingName : std::uint8_t {
  none,
  sub_id,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  external_id,
  keyword,
  cost,
  currency,
};

struct TrackingTarget {
  TrackingName name = TrackingName::none;
  std::uint8_t sub_id = 0;  // 1 to 30
};

// What a parameter of a click's query means: canonical names and the aliases that other trackers, networks and ad
// platforms use. Ignores case. The list is in docs/macros.md.
TrackingTarget find_tracking_name(std::string_view name) noexcept;

// "sub7", "sub_id_7", "s7", ...: 1 to 30; 0 when the text is not a numbered name of a sub id or out of range.
std::uint8_t numbered_sub_id(std::string_view name) noexcept;

}  // namespace tributary
