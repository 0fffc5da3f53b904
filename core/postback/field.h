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
// custom_n, n from 1 to 20.
constexpr PostbackField custom_field(unsigned n) noexcept {
  return static_cast<PostbackField>(static_cast<unsigned>(PostbackField::custom_1) + n - 1);
}

// By the names used in the settings of a network: "click_id", "payout", "custom_1", ...
PostbackField find_postback_field(std::string_view name) noexcept;  // none when unknown
std::string_view postback_field_name(PostbackField field) noexcept;

}  // namespace tributary
