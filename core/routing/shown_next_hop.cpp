#include "core/routing/shown_next_hop.h"

#include <algorithm>

#include "core/url/next_hop.h"
#include "schema/snapshot_generated.h"

namespace tributary {

std::string_view shown_next_hop(const fbs::Campaign& campaign, std::span<const QueryParameter> parameters,
                                std::span<char> buffer) noexcept {
  if (campaign.next_hops() == nullptr || campaign.state() != fbs::State::Active) {
    return {};
  }
  const auto named = std::find_if(parameters.begin(), parameters.end(),
                                  [](const QueryParameter& parameter) { return parameter.name == "url"; });
  if (named == parameters.end() || named->value.size() > kMaxNextHop * 3) {
    return {};
  }
  const std::string_view url = decode_component(named->value, buffer);
  const bool allowed =
      std::any_of(campaign.next_hops()->begin(), campaign.next_hops()->end(),
                  [url](const flatbuffers::String* beginning) { return is_next_hop(url, beginning->string_view()); });
  return allowed ? url : std::string_view{};
}

}  // namespace tributary
