#include "admin-api/resources/health_fields.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

bool is_status(const json::value& value) {
  return value.is_int64() && value.get_int64() >= 100 && value.get_int64() <= 599;
}

// [200, 399]: as JSON a pair, and in the same letters a closed range of PostgreSQL.
void check_expected(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2 || !is_status((*pair)[0]) || !is_status((*pair)[1]) ||
      (*pair)[0].get_int64() > (*pair)[1].get_int64()) {
    problems.push_back({path, "must be the first and the last expected HTTP status, such as [200, 399]"});
  }
}

}  // namespace

std::vector<Field> health_fields() {
  return {
      {.name = "health_check", .kind = FieldKind::boolean},
      {.name = "health_url", .kind = FieldKind::url, .flags = Field::nullable},
      {.name = "health_method", .kind = FieldKind::word, .words = {"GET", "HEAD"}},
      {.name = "health_interval_s", .kind = FieldKind::integer, .min = 30, .max = 86'400},
      {.name = "health_timeout_ms", .kind = FieldKind::integer, .min = 100, .max = 60'000},
      {.name = "health_expected",
       .kind = FieldKind::json,
       .check = check_expected,
       .select = "json_build_array(lower(t.health_expected), upper(t.health_expected) - 1)"},
      {.name = "failures_before_down", .kind = FieldKind::integer, .min = 1, .max = 100},
      {.name = "successes_before_up", .kind = FieldKind::integer, .min = 1, .max = 100},
  };
}

}  // namespace tributary::admin
