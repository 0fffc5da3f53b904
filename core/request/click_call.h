#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/request/query.h"

namespace tributary {

inline constexpr std::size_t kMaxCallerClickId = 1024;  // bytes, decoded

// A call of /click: the caller's own click id, unique for an affiliate in a campaign.
struct ClickCallNames {
  std::uint32_t affiliate = 0;
  std::uint32_t campaign = 0;
  std::string_view click_id;
  std::string_view problem;  // static text; empty when the call is complete
};

// The parameter affiliate_id; 0 when there is none or it is not a whole number.
std::uint32_t read_affiliate_id(std::span<const QueryParameter> query) noexcept;

// Of several parameters of one name the first counts. A click id may be decoded into `buffer` and must be text that
// PostgreSQL can store.
ClickCallNames read_click_call(std::span<const QueryParameter> query, std::span<char> buffer) noexcept;

}  // namespace tributary
