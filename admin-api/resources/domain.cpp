#include <array>

#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"
#include "core/request/query.h"

namespace tributary::admin {
namespace {

void check_host(const boost::json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto& text = value.get_string();
  std::array<char, 256> buffer;
  const std::string_view host(text.data(), text.size());
  if (normalise_host(host, buffer) != host) {
    problems.push_back({path, "must be a host name in lower case without port; international names in punycode"});
  }
}

// They are reached there now. The owner should not find its names taken, nor they lose theirs unseen.
void require_no_campaigns_of_others(Write& write) {
  if (!write.created) return;
  const auto others = write.transaction.execute(R"sql(
SELECT array_to_string((array_agg(c.id ORDER BY c.id))[:5], ', ')
FROM config.domains AS d JOIN config.campaigns AS c ON c.host = d.host AND c.team_id <> d.team_id
WHERE d.id = $1::integer AND c.state <> 'deleted')sql",
                                                Params().untyped(write.id));
  if (others.is_null(0, 0)) return;
  throw conflict("campaigns of other teams have this host: " + std::string(others.text(0, 0)) +
                 ": give them another one, or delete them");
}

}  // namespace

Resource domain_resource() {
  Resource resource{.name = "domain", .path = "domains", .table = "config.domains"};
  resource.write = Access::admin;  // who has a host keeps the campaigns of others away from it
  resource.marks_deleted = false;  // so that another team can have it
  resource.fields = {
      team_field(),
      {.name = "host", .flags = Field::required | Field::fixed, .min = 1, .max = 253, .check = check_host},
      state_field(),
      id_field("default_campaign_id"),
  };
  resource.filters = {"state", "host", "team_id"};
  resource.after_write = require_no_campaigns_of_others;
  return resource;
}

}  // namespace tributary::admin
