#include <algorithm>

#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

const std::vector<std::string> kMatchers{"coupon", "ref_code", "landing_url", "referrer", "click_id"};

// Each at most once, in any order: the order is theirs.
void check_matchers(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto* list = value.if_array();
  const auto named = [&](const std::string& word) { return std::count(list->begin(), list->end(), json::value(word)); };
  bool right = list != nullptr;
  std::ptrdiff_t known = 0;
  for (const auto& word : kMatchers) {
    if (!right) break;
    known += named(word);
    right = named(word) <= 1;
  }
  if (right && known == static_cast<std::ptrdiff_t>(list->size())) return;
  problems.push_back({path, "must be a list of coupon, ref_code, landing_url, referrer, click_id, each at most once"});
}

void add_matchers(Write& write, std::vector<ColumnValue>& columns) {
  const auto* list = write.body.if_contains("matchers");
  if (list == nullptr) return;
  std::string array = "{";
  for (const auto& word : list->as_array()) {
    array += (array.size() == 1 ? "" : ",") + std::string(word.as_string());
  }
  columns.push_back({"matchers", array + "}"});
}

}  // namespace

Resource advertiser_resource() {
  Resource resource{.name = "advertiser", .path = "advertisers", .table = "config.advertisers"};
  resource.fields = {
      team_field(),
      name_field(),
      {.name = "state", .kind = FieldKind::word, .words = {"active", "inactive"}},
      {.name = "email", .flags = Field::nullable},
      {.name = "website", .kind = FieldKind::url, .flags = Field::nullable},
      currency_field(),
      {.name = "matchers", .kind = FieldKind::part, .check = check_matchers, .select = "to_json(t.matchers)"},
      {.name = "window_days", .kind = FieldKind::integer, .min = 1, .max = 365},
      {.name = "hmac_required", .kind = FieldKind::boolean},
      {.name = "hmac_tolerance_s", .kind = FieldKind::integer, .min = 1, .max = 86'400},
  };
  resource.filters = {"state", "team_id"};
  resource.before_insert = add_matchers;
  resource.before_update = add_matchers;
  return resource;
}

}  // namespace tributary::admin
