#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/attribution/attribution.h"

namespace tributary::ingest {

// What an event is attributed to, as the columns of events.customer_events and the type events.credit have it.
struct Credit {
  std::int32_t campaign = 0;
  std::int32_t affiliate = 0;
  std::int32_t link = 0;
  std::int32_t coupon = 0;
  std::optional<std::uint8_t> confidence{};
  std::string_view matcher{};  // static text; empty: unattributed
  ClickIdentity click{};
  std::string candidates{};  // what lost, and why: a JSON array; empty when nothing did
};

// `named_click` is the one that the event names itself.
Credit credit_of(const Attribution& attribution, const ClickIdentity& named_click);

}  // namespace tributary::ingest
