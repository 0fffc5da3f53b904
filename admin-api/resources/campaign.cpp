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

// A foreign key holds for a deleted record too.
void require_live(Write& write, const char* field, const std::string& table) {
  const auto* id = write.body.if_contains(field);
  if (id == nullptr || id->is_null()) return;
  const auto found =
      write.transaction.execute("SELECT FROM " + table + " WHERE id = $1::integer AND state <> 'deleted' FOR KEY SHARE",
                                Params().untyped(std::to_string(id->get_int64())));
  if (found.rows() == 0) throw invalid_field(field, "names no record of the team");
}

void require_live_references(Write& write, std::vector<ColumnValue>&) {
  require_live(write, "source_id", "config.sources");
  require_live(write, "rotation_id", "config.rotations");
}

// On the domain of another team it would never be reached, and only keep a name from the owner. Row security hides the
// domain, so the database says it.
void require_free_host(Write& write) {
  if (!write.body.contains("host")) return;
  const auto foreign =
      write.transaction.execute("SELECT config.names_foreign_domain($1::integer)", Params().untyped(write.id));
  if (foreign.boolean(0, 0)) throw invalid_field("host", "is a domain of another team");
}

// Of a share of the revenue, `cost` is the percentage.
void require_a_share(Write& write) {
  const auto more = write.transaction.execute(
      "SELECT FROM config.campaigns WHERE id = $1::integer AND cost_model = 'revshare' AND cost > 100",
      Params().untyped(write.id));
  if (more.rows() == 1) throw invalid_field("cost", "is a percentage with revshare: at most 100");
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
      id_field("source_id"),
      id_field("advertiser_id"),
      {.name = "attribution_source", .flags = Field::nullable},
      id_field("rotation_id"),
      {.name = "stream_order", .kind = FieldKind::word, .words = {"priority", "weight"}},
      window_field("uniqueness_window_s"),
      {.name = "cost_model",
       .kind = FieldKind::word,
       .flags = Field::nullable,
       .words = {"cpc", "cpm", "cpa", "cps", "revshare", "auto", "none"}},
      {.name = "cost", .kind = FieldKind::money},
      {.name = "currency", .kind = FieldKind::currency, .flags = Field::nullable},
      {.name = "trafficback", .kind = FieldKind::url, .flags = Field::nullable},
      {.name = "landing_url", .kind = FieldKind::url, .flags = Field::nullable},
      {.name = "next_hops", .kind = FieldKind::json, .check = check_next_hops},
  };
  resource.filters = {"state", "slug", "host", "source_id", "advertiser_id", "rotation_id", "team_id"};
  resource.published_campaigns = "SELECT $1::integer";
  resource.before_insert = require_live_references;
  resource.before_update = require_live_references;
  resource.after_write = [](Write& write) {
    require_free_host(write);
    require_a_share(write);
  };
  return resource;
}

}  // namespace tributary::admin
