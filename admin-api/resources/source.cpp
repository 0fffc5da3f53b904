#include <algorithm>
#include <set>

#include "admin-api/api/services.h"
#include "admin-api/presets/presets.h"
#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"
#include "core/base/ascii.h"
#include "core/request/source_names.h"
#include "core/snapshot/format.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;
using Problems = std::vector<FieldProblem>;

constexpr std::size_t kMaxNamesOfField = 16;

bool is_field(std::string_view name) {
  const auto macro = find_macro(name);
  return macro && macro_name(*macro) == name && tracking_target(*macro).name != TrackingName::none;
}

// Visible ASCII without what separates parameters: names are compared as they are sent.
bool is_parameter(const json::value& value) {
  if (!value.is_string() || value.get_string().empty() || value.get_string().size() > kMaxSourceName) return false;
  return std::all_of(value.get_string().begin(), value.get_string().end(),
                     [](char c) { return c > 0x20 && c < 0x7f && c != '&' && c != '=' && c != '#'; });
}

std::string lower(const json::string& text) {
  std::string copy(text);
  std::transform(copy.begin(), copy.end(), copy.begin(), ascii::to_lower);
  return copy;
}

// {"sub_id_1": ["zoneid"], "cost": ["bid"]}
void check_aliases(const json::value& value, const std::string& path, Problems& problems) {
  const auto* map = value.if_object();
  if (map == nullptr) return problems.push_back({path, "must be an object of lists, as {\"sub_id_1\": [\"zoneid\"]}"});
  std::set<std::string> seen;
  for (const auto& [field, names] : *map) {
    const auto item_path = path + "." + std::string(field);
    if (!is_field(field)) {
      problems.push_back({item_path,
                          "must be sub_id_1 to sub_id_30, utm_source, utm_medium, utm_campaign, utm_content, "
                          "utm_term, external_id, keyword, cost or currency"});
    }
    const auto* list = names.if_array();
    if (list == nullptr || list->size() > kMaxNamesOfField || !std::all_of(list->begin(), list->end(), is_parameter)) {
      problems.push_back({item_path, "must be a list of at most 16 names of parameters, each of 1 to 64 characters"});
      continue;
    }
    for (const auto& name : *list) {
      if (!seen.insert(lower(name.get_string())).second) {
        problems.push_back({item_path, "\"" + std::string(name.get_string()) + "\" has a meaning already"});
      }
    }
  }
  if (seen.size() > kMaxSourceNames) problems.push_back({path, "are more than 256 names"});
}

}  // namespace

Resource source_resource() {
  Resource resource{.name = "source", .path = "sources", .table = "config.sources"};
  resource.fields = {
      team_field(),
      name_field(),
      state_field(),
      {.name = "aliases", .kind = FieldKind::json, .check = check_aliases},
      {.name = "cost_model",
       .kind = FieldKind::word,
       .flags = Field::nullable,
       .words = {"cpc", "cpm", "cpa", "cps", "revshare", "auto", "none"}},
      {.name = "currency", .kind = FieldKind::currency, .flags = Field::nullable},
      {.name = "preset", .flags = Field::nullable | Field::fixed, .min = 1, .max = 64},
      {.name = "tracking_suffix", .max = 4096},
  };
  resource.filters = {"state", "team_id"};
  resource.complete_new = [](const Context& context, json::object& body) {
    take_preset(context.services.source_presets, body, "/api/v1/source-presets");
  };
  resource.before_update = [](Write& write, std::vector<ColumnValue>&) { require_no_campaigns(write, "source_id"); };
  resource.published_campaigns = "SELECT id FROM config.campaigns WHERE source_id = $1::integer";
  return resource;
}

}  // namespace tributary::admin
