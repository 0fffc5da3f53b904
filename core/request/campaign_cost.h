#pragma once

#include <cstdint>
#include <string_view>

#include "core/event/event.h"
#include "schema/snapshot_generated.h"

namespace tributary {

struct CampaignCost {
  std::int64_t micros = 0;          // of one visit whose query names no cost
  std::string_view currency;        // of that
  std::string_view query_currency;  // of a cost in the query that names none: that of the source, else the campaign's
};

// The views live as long as the snapshot.
inline CampaignCost cost_of(const fbs::Campaign& campaign) noexcept {
  const auto* own = campaign.currency();
  const std::string_view currency = own == nullptr ? "" : own->string_view();
  const auto* source = campaign.source_names();
  const auto* of_source = source == nullptr ? nullptr : source->currency();
  return {campaign.cost_micros(), currency, of_source == nullptr ? currency : of_source->string_view()};
}

// What a visit costs where its query does not say. The currencies of `cost` must live as long as `tracking` is used.
inline void apply_campaign_cost(Tracking& tracking, const CampaignCost& cost) noexcept {
  if (tracking.cost_micros == 0) {
    tracking.cost_micros = cost.micros;
    tracking.currency = cost.currency;
  } else if (tracking.currency.empty()) {
    tracking.currency = cost.query_currency;
  }
}

}  // namespace tributary
