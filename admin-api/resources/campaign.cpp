#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"
#include "core/snapshot/format.h"
#include "core/url/next_hop.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

void check_next_hops(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto* list = value.if_array();
  if (list == nullptr || list->size() > kMaxNextHops) return problems.push_back({path, "must be a list of at most 64"});
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* text = (*list)[i].if_string();
    const std::string_view reason = text == nullptr ? "must be a text" : next_hop_problem({text->data(), text->size()});
    if (!reason.empty()) problems.push_back({path + "[" + std::to_string(i) + "]", std::string(reason)});
  }
}

}  // namespace

Resource campaign_resource() {
  Resource resource{.name = "campaign", .path = "campaigns", .table = "config.campaigns"};
  resource.fields = {
      team_field(),
      name_field(),
      {.name = "slug", .max = 128, .check = matches("[A-Za-z0-9._~-]{0,128}", "letters, digits and . _ ~ -")},
      {.name = "host", .max = 253, .check = matches("[a-z0-9.-]{0,253}", "a host name in lower case")},
      state_field(),
      {.name = "starts_at", .kind = FieldKind::timestamp, .flags = Field::nullable},
      {.name = "ends_at", .kind = FieldKind::timestamp, .flags = Field::nullable},
      {.name = "source_id", .kind = FieldKind::integer, .flags = Field::nullable, .min = 1, .max = kMaxId},
      {.name = "attribution_source", .flags = Field::nullable},
      {.name = "rotation_id", .kind = FieldKind::integer, .flags = Field::nullable, .min = 1, .max = kMaxId},
      {.name = "stream_order", .kind = FieldKind::word, .words = {"priority", "weight"}},
      window_field("uniqueness_window_s"),
      // What is paid per conversion (cpa, cps, revshare) is not counted yet, so a campaign cannot claim it.
      {.name = "cost_model",
       .kind = FieldKind::word,
       .flags = Field::nullable,
       .words = {"cpc", "cpm", "auto", "none"}},
      {.name = "cost", .kind = FieldKind::money},
      {.name = "currency", .kind = FieldKind::currency, .flags = Field::nullable},
      {.name = "trafficback", .kind = FieldKind::url, .flags = Field::nullable},
      {.name = "landing_url", .kind = FieldKind::url, .flags = Field::nullable},
      {.name = "next_hops", .kind = FieldKind::json, .check = check_next_hops},
  };
  resource.filters = {"state", "slug", "host", "source_id", "rotation_id", "team_id"};
  resource.published_campaigns = "SELECT $1::integer";
  return resource;
}

}  // namespace tributary::admin
