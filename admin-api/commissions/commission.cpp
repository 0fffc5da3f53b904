#include "admin-api/commissions/commission_routes.h"
#include "admin-api/resources/crud.h"
#include "admin-api/resources/shared_fields.h"
#include "core/money/money.h"

// What partners earn. The ingestor computes it, by the state that a rule had when the conversion was received.
namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostCount = 1'000'000;
constexpr std::int64_t kMostDays = 365;

void check_positive(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto micros = parse_money({value.get_string().data(), value.get_string().size()});
  if (micros.ok() && *micros == 0) problems.push_back({path, "must be more than 0, or null for no limit"});
}

constexpr const char* kTerms = R"sql(
SELECT kind, amount::text, currency, valid_from::text, valid_until::text
FROM config.commissions WHERE id = nullif($1, '')::integer)sql";

constexpr const char* kJudge = R"sql(
SELECT $1 = 'fixed', $2::numeric <= 100, $3::text IS NOT NULL, coalesce($4::timestamptz < $5::timestamptz, true))sql";

// The terms as they will be: what is written, else what is stored.
void require_sound_terms(Write& write, std::vector<ColumnValue>& columns) {
  const auto stored = write.transaction.execute(kTerms, Params().text(write.id));
  Params params;
  int place = 0;
  for (const char* name : {"kind", "amount", "currency", "valid_from", "valid_until"}) {
    const bool kept = stored.rows() == 1 && !stored.is_null(0, place);
    add_optional(params, write.body.contains(name) ? value_of(columns, name)
                         : kept                    ? std::optional(std::string(stored.text(0, place)))
                                                   : std::nullopt);
    ++place;
  }
  const auto judged = write.transaction.execute(kJudge, params);
  const bool fixed = judged.boolean(0, 0);
  if (fixed && !judged.boolean(0, 2)) throw invalid_field("currency", "is required: the amount is fixed");
  if (!fixed && judged.boolean(0, 2)) {
    throw invalid_field("currency", "must be null: a percentage is paid in the currency of the conversion");
  }
  if (!fixed && !judged.boolean(0, 1)) throw invalid_field("amount", "must be at most 100 percent");
  if (!judged.boolean(0, 3)) throw invalid_field("valid_until", "must be later than valid_from");
}

Resource commission_resource() {
  Resource resource{.name = "commission", .path = "commissions", .table = "config.commissions"};
  resource.fields = {
      team_field(),
      id_field("partner_id", Field::nullable | Field::fixed),
      id_field("campaign_id", Field::nullable | Field::fixed),
      id_field("destination_id", Field::nullable | Field::fixed),
      {.name = "event",
       .flags = Field::nullable | Field::fixed,
       .min = 1,
       .max = 64,
       .check = matches("[a-z0-9_.:-]{1,64}", "1 to 64 small letters, digits, _ . : and -")},
      {.name = "applies_to", .kind = FieldKind::word, .flags = Field::fixed, .words = {"every", "first", "repeat"}},
      {.name = "unverified", .kind = FieldKind::boolean, .flags = Field::fixed},
      {.name = "kind", .kind = FieldKind::word, .flags = Field::required | Field::fixed, .words = {"fixed", "percent"}},
      {.name = "amount", .kind = FieldKind::money, .flags = Field::required},
      {.name = "currency", .kind = FieldKind::currency, .flags = Field::nullable},
      {.name = "from_count", .kind = FieldKind::integer, .max = kMostCount},
      {.name = "cap", .kind = FieldKind::money, .flags = Field::nullable, .check = check_positive},
      {.name = "cap_period", .kind = FieldKind::word, .words = {"day", "month", "total"}},
      {.name = "hold_days", .kind = FieldKind::integer, .max = kMostDays},
      time_field("valid_from"),
      time_field("valid_until"),
  };
  resource.filters = {"partner_id", "campaign_id", "destination_id", "event", "team_id"};
  resource.before_insert = require_sound_terms;
  resource.before_update = require_sound_terms;
  return resource;
}

}  // namespace

void add_commission_routes(Routes& routes) {
  add_crud_routes(routes, commission_resource());
  add_ledger_routes(routes);
}

}  // namespace tributary::admin
