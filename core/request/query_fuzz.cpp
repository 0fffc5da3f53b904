#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/request/tracking_on_demand.h"
#include "core/request/unexpanded_macro.h"

using namespace tributary;

namespace {

// However a click with this query travels, its reader has the tracking that the edge read.
void check_both_ways(std::string_view query, std::span<const QueryParameter> parameters) {
  Click click;
  click.visit.query = query;
  std::array<char, kMaxTrackingTotal> memory;
  TrackingOnDemand tracking(click.visit, parameters, memory);
  const std::string_view sub_id = tracking.sub_id(1);
  tracking.put_into(click);
  complete_tracking(click);
  if (click.tracking != tracking.read() || sub_id != click.tracking.sub_ids[0]) {
    std::abort();
  }
}

}  // namespace

// The first byte is the size of the arena, in units of 32; the rest is the query, on the heap so that its ends are
// known.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::vector<char> bytes(data + 1, data + size);
  const std::string_view query{bytes.data(), bytes.size()};
  auto parameters = std::make_unique<std::array<QueryParameter, kMaxQueryParameters>>();
  bool truncated = false;
  const std::size_t count = parse_query(query, *parameters, truncated);

  std::vector<char> memory(data[0] * std::size_t{32});
  Arena arena{memory};
  std::uint32_t labels = 0;
  Tracking tracking;
  parse_tracking({parameters->data(), count}, arena, tracking, labels);
  std::size_t total = tracking.external_id.size() + tracking.keyword.size() + tracking.utm_source.size() +
                      tracking.utm_medium.size() + tracking.utm_campaign.size() + tracking.utm_content.size() +
                      tracking.utm_term.size();
  for (const std::string_view value : tracking.sub_ids) {
    total += value.size();
    if (value.size() > kMaxTrackingValue) {
      std::abort();
    }
  }
  if (total > kMaxTrackingTotal || tracking.cost_micros < 0) {
    std::abort();
  }
  check_both_ways(query, {parameters->data(), count});
  std::array<char, 64> host;
  normalise_host(query, host);
  is_unexpanded_macro(query);
  return 0;
}
