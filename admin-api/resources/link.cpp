#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/text/random_text.h"

namespace tributary::admin {
namespace {

constexpr std::size_t kCodeLength = 10;  // 8 * 10^17 of them: nobody guesses one that exists

// A link without a code gets one.
void make_code(Write& write, std::vector<ColumnValue>& columns) {
  if (!write.body.contains("code")) columns.push_back({"code", random_base62(kCodeLength)});
}

}  // namespace

Resource link_resource() {
  Resource resource{.name = "link", .path = "links", .table = "config.links"};
  resource.fields = {
      team_field(),
      {.name = "campaign_id",
       .kind = FieldKind::integer,
       .flags = Field::required | Field::fixed,
       .min = 1,
       .max = kMaxId},
      {.name = "partner_id",
       .kind = FieldKind::integer,
       .flags = Field::required | Field::fixed,
       .min = 1,
       .max = kMaxId},
      {.name = "code",
       .flags = Field::fixed,
       .min = 4,
       .max = 64,
       .check = matches("[A-Za-z0-9_-]{4,64}", "4 to 64 letters, digits, _ and -")},
      {.name = "name"},
      {.name = "url", .kind = FieldKind::url, .flags = Field::nullable},
      state_field(),
  };
  resource.filters = {"state", "campaign_id", "partner_id", "code", "team_id"};
  resource.before_insert = make_code;
  return resource;
}

}  // namespace tributary::admin
