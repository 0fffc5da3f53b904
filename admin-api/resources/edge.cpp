#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"
#include "core/click_id/click_id.h"

namespace tributary::admin {
namespace {

// The lowest number that was never used: numbers are part of click ids, so they are not given out again.
constexpr const char* kNextNumber = R"sql(
SELECT min(n)::text FROM generate_series(0, $1) AS n WHERE NOT EXISTS (SELECT FROM config.edges WHERE number = n))sql";

void assign_number(Write& write, std::vector<ColumnValue>& columns) {
  if (const auto* number = write.body.if_contains("number")) {
    columns.push_back({"number", std::to_string(number->get_int64())});
    return;
  }
  write.transaction.execute("LOCK TABLE config.edges IN SHARE ROW EXCLUSIVE MODE");
  const auto free = write.transaction.execute(kNextNumber, Params().int4(kMaxEdge));
  if (free.is_null(0, 0)) throw conflict("all numbers of edges are used");
  columns.push_back({"number", std::string(free.text(0, 0))});
}

}  // namespace

Resource edge_resource() {
  Resource resource{.name = "edge", .path = "edges", .table = "config.edges", .id = "number"};
  resource.team = "";
  resource.has_team_column = false;
  resource.read = Access::admin;
  resource.write = Access::admin;
  resource.fields = {
      {.name = "number", .kind = FieldKind::integer, .flags = Field::fixed | Field::write_only, .max = kMaxEdge},
      {.name = "name",
       .flags = Field::required,
       .min = 1,
       .max = 64,
       .check = matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "letters, digits and . _ -")},
      {.name = "push_url",
       .flags = Field::required,
       .min = 8,
       .max = 1000,
       .check = matches("(https?://[^ /]+/[^ ]*|unix:/[^ :]+:/[^ ]*)",
                        "http://host:port/path, https://host/path or unix:/socket:/path")},
      state_field(),
      {.name = "note", .max = 1000},
  };
  resource.filters = {"state", "name"};
  resource.before_insert = assign_number;
  return resource;
}

}  // namespace tributary::admin
