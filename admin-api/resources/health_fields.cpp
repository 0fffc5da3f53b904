#include "admin-api/resources/health_fields.h"

#include "admin-api/resources/status_range.h"

namespace tributary::admin {
std::vector<Field> health_fields() {
  return {
      {.name = "health_check", .kind = FieldKind::boolean},
      {.name = "health_url", .kind = FieldKind::url, .flags = Field::nullable},
      {.name = "health_method", .kind = FieldKind::word, .words = {"GET", "HEAD"}},
      {.name = "health_interval_s", .kind = FieldKind::integer, .min = 30, .max = 86'400},
      {.name = "health_timeout_ms", .kind = FieldKind::integer, .min = 100, .max = 60'000},
      status_range_field("health_expected"),
      {.name = "failures_before_down", .kind = FieldKind::integer, .min = 1, .max = 100},
      {.name = "successes_before_up", .kind = FieldKind::integer, .min = 1, .max = 100},
  };
}

}  // namespace tributary::admin
