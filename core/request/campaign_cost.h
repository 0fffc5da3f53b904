#pragma once

#include <cstdint>
#include <string_view>

#include "core/event/event.h"

namespace tributary {

// What a visit costs where its query does not say: the campaign's cost of one click. A cost without a currency is in
// the campaign's. `currency` must live as long as `tracking` is used.
inline void apply_campaign_cost(Tracking& tracking, std::int64_t cost_micros, std::string_view currency) noexcept {
  if (tracking.cost_micros == 0) {
    tracking.cost_micros = cost_micros;
    tracking.currency = currency;
  } else if (tracking.currency.empty()) {
    tracking.currency = currency;
  }
}

}  // namespace tributary
