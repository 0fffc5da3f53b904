#include "admin-api/resources/shared_fields.h"

#include <regex>

namespace tributary::admin {

Field team_field() {
  return {.name = "team_id", .kind = FieldKind::uuid, .flags = Field::read_only};
}
Field name_field() {
  return {.name = "name", .flags = Field::required, .min = 1, .max = 200};
}
Field state_field() {
  return {.name = "state", .kind = FieldKind::word, .words = {"active", "paused"}};
}
Field currency_field() {
  return {.name = "currency", .kind = FieldKind::currency};
}

FieldCheck matches(const std::string& expression, const std::string& allowed) {
  return [pattern = std::regex(expression), allowed](const boost::json::value& value, const std::string& path,
                                                     std::vector<FieldProblem>& problems) {
    const auto& text = value.get_string();  // its kind and length were checked before
    if (!std::regex_match(text.begin(), text.end(), pattern)) problems.push_back({path, "may only hold " + allowed});
  };
}

}  // namespace tributary::admin
