#include "admin-api/resources/status_range.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

bool is_status(const json::value& value) {
  return value.is_int64() && value.get_int64() >= 100 && value.get_int64() <= 599;
}

// As JSON a pair, and in the same letters a closed range of PostgreSQL.
void check_status_range(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2 || !is_status((*pair)[0]) || !is_status((*pair)[1]) ||
      (*pair)[0].get_int64() > (*pair)[1].get_int64()) {
    problems.push_back({path, "must be the first and the last expected HTTP status, such as [200, 399]"});
  }
}

}  // namespace

Field status_range_field(std::string name) {
  const auto column = "t." + name;
  return {.name = std::move(name),
          .kind = FieldKind::json,
          .check = check_status_range,
          .select = "json_build_array(lower(" + column + "), upper(" + column + ") - 1)"};
}

}  // namespace tributary::admin
