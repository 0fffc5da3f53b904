#pragma once

#include <cstdint>
#include <string_view>

namespace tributary {

// What a parameter of a postback can mean. Numbers are part of the snapshot format.
enum class PostbackField : std::uint16_t {
  none = 0,
  click_id = 1,
  transaction = 2,
  status = 3,
  payout = 4,
  revenue = 5,
  cost = 6,
  currency = 7,
  event = 8,
  custom_1 = 32,  // ... custom_20 = 51
  custom_20 = 51,
};
PostbackField find_postback_field(std::string_view name) noexcept;  // none when unknown
std::string_view postback_field_name(PostbackField field) noexcept;

}  // namespace tributary
