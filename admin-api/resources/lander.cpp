#include <algorithm>

#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"
#include "core/url/url_template.h"

namespace tributary::admin {
namespace {

// Its links could name no click, and lead nowhere.
void require_lander_click(const boost::json::value& value, const std::string& path,
                          std::vector<FieldProblem>& problems) {
  const auto compiled = compile_template({value.get_string().data(), value.get_string().size()});
  if (!compiled) return;  // somebody else says why
  const auto names_click = [](const TemplatePart& part) {
    return part.macro == static_cast<std::uint16_t>(Macro::lander_click);
  };
  if (std::none_of(compiled->parts.begin(), compiled->parts.end(), names_click)) {
    problems.push_back({path, "must have {lander_click}: the links of the page hand it back, and lead on by it"});
  }
}

// Of the streams that show it.
std::string owners_of_streams(const std::string& column) {
  return "SELECT DISTINCT s." + column +
         " FROM config.stream_landers AS sl JOIN config.streams AS s ON s.id = sl.stream_id"
         " WHERE sl.lander_id = $1::integer AND s." +
         column + " IS NOT NULL";
}

}  // namespace

Resource lander_resource() {
  Resource resource{.name = "lander", .path = "landers", .table = "config.landers"};
  resource.fields = {
      team_field(),
      name_field(),
      {.name = "url", .kind = FieldKind::url, .flags = Field::required, .check = require_lander_click},
      state_field(),
  };
  resource.filters = {"state", "team_id", "name"};
  resource.published_campaigns = owners_of_streams("campaign_id");
  resource.published_rotations = owners_of_streams("rotation_id");
  return resource;
}

}  // namespace tributary::admin
