#include "core/request/tracking_in_query.h"

#include <algorithm>
#include <array>

#include "core/request/campaign_cost.h"
#include "core/request/tracking_names.h"
#include "core/request/tracking_parser.h"
#include "core/request/unexpanded_macro.h"

namespace tributary {

bool tells_tracking(std::string_view query, std::span<const QueryParameter> parameters) noexcept {
  return query.size() <= kMaxTrackingValue && parameters.size() < kMaxQueryParameters &&
         std::all_of(parameters.begin(), parameters.end(), [](const QueryParameter& item) { return item.decoded; });
}

std::string_view find_sub_id(std::span<const QueryParameter> parameters, std::size_t number) noexcept {
  for (const QueryParameter& item : parameters) {
    if (find_tracking_name(item.name).sub_id == number && !item.value.empty() && !is_unexpanded_macro(item.value)) {
      return item.value;
    }
  }
  return {};
}

void complete_tracking(Click& click) noexcept {
  if (!click.tracking_in_query) return;
  const CampaignCost cost{click.tracking.cost_micros, click.tracking.currency, click.tracking.currency};
  std::array<QueryParameter, kMaxQueryParameters> parameters;
  bool truncated = false;
  const std::size_t count = parse_query(click.visit.query, parameters, truncated);
  Arena nothing_to_decode(std::span<char>{});
  click.tracking = {};
  parse_tracking(std::span(parameters).first(count), nothing_to_decode, click.tracking, click.visit.labels);
  apply_campaign_cost(click.tracking, cost);
  click.tracking_in_query = false;
}

void complete_tracking(Event& event) noexcept {
  if (auto* click = std::get_if<Click>(&event.payload)) complete_tracking(*click);
}

}  // namespace tributary
