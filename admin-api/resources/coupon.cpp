#include <algorithm>
#include <cmath>

#include "admin-api/api/mutation.h"
#include "admin-api/json/strict_json.h"
#include "admin-api/resources/crud.h"
#include "admin-api/resources/new_coupons.h"
#include "admin-api/resources/repository.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/text/formats.h"

// Coupon codes: made by the thousand or one by one, ended, replaced. A code is never given out twice by an advertiser.
namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kRounds = 16;           // of making up codes again in the places of those that were taken
constexpr std::size_t kPerStatement = 5'000;  // so that none takes longer than a statement may

Field code_field() {
  return {.name = "code",
          .flags = Field::required | Field::fixed,
          .min = 3,
          .max = 64,
          .check = matches("[A-Za-z0-9_-]{3,64}", "3 to 64 letters, digits, _ and -")};
}
Field campaign_field() {
  return id_field("campaign_id", Field::required | Field::fixed);
}
Field partner_field() {
  return id_field("partner_id", Field::nullable | Field::fixed);
}

// A character that stands twice would come more often; capitals and small letters are the same code.
void check_alphabet(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  std::string text(value.get_string());
  std::sort(text.begin(), text.end());
  if (std::adjacent_find(text.begin(), text.end()) != text.end()) problems.push_back({path, "names a character twice"});
}

const std::vector<Field>& form_fields() {
  static const std::vector<Field> fields{
      {.name = "prefix", .max = 32, .check = matches("[A-Za-z0-9_-]{0,32}", "letters, digits, _ and -")},
      {.name = "length", .kind = FieldKind::integer, .min = 4, .max = 32},
      {.name = "alphabet", .min = 2, .max = 36, .check = [](const auto& value, const auto& path, auto& problems) {
         matches("[A-Z0-9]+", "capital letters and digits")(value, path, problems);
         check_alphabet(value, path, problems);
       }}};
  return fields;
}

std::vector<Field> generation_fields() {
  auto fields = form_fields();
  fields.insert(fields.end(), {campaign_field(),
                               partner_field(),
                               time_field("valid_from"),
                               time_field("valid_until"),
                               {.name = "count",
                                .kind = FieldKind::integer,
                                .flags = Field::required,
                                .min = 1,
                                .max = static_cast<std::int64_t>(kMostNewCoupons)}});
  return fields;
}

CouponForm form_of(const json::object& body) {
  CouponForm form;
  if (const auto* prefix = body.if_contains("prefix")) form.prefix = std::string(prefix->get_string());
  if (const auto* length = body.if_contains("length")) form.length = static_cast<std::size_t>(length->get_int64());
  if (const auto* alphabet = body.if_contains("alphabet")) form.alphabet = std::string(alphabet->get_string());
  return form;
}

// So many that most of what is made up is free, and that nobody finds codes by trying.
void require_room(const CouponForm& form, std::size_t count) {
  const double codes = std::pow(static_cast<double>(form.alphabet.size()), static_cast<double>(form.length));
  if (codes < 4 * static_cast<double>(count)) throw invalid_field("length", "is too short for so many codes");
}

json::object checked_body(const Context& context, const std::vector<Field>& fields, std::vector<ColumnValue>& columns) {
  auto body = context.request.body.empty() ? json::object() : context.json_body();
  columns = require_members(fields, body);
  return body;
}

std::vector<std::string> generate_codes(ScopedTransaction& transaction, const CouponForm& form, std::size_t count,
                                        const std::vector<ColumnValue>& columns) {
  std::vector<std::string> made;
  for (std::size_t round = 0; round < kRounds + count / kPerStatement && made.size() < count; ++round) {
    NewCoupons coupons{.campaign = *value_of(columns, "campaign_id"),
                       .codes = {},
                       .partners = {},
                       .valid_from = {},
                       .valid_until = {}};
    for (std::size_t missing = std::min(count - made.size(), kPerStatement); missing > 0; --missing) {
      coupons.codes.push_back(make_coupon_code(form));
    }
    coupons.partners.assign(coupons.codes.size(), value_of(columns, "partner_id"));
    coupons.valid_from.assign(coupons.codes.size(), value_of(columns, "valid_from"));
    coupons.valid_until.assign(coupons.codes.size(), value_of(columns, "valid_until"));
    auto stored = store_coupons(transaction, coupons);
    made.insert(made.end(), std::make_move_iterator(stored.begin()), std::make_move_iterator(stored.end()));
  }
  if (made.size() < count) throw conflict("too few free codes were found: choose a greater length");
  return made;
}

std::string codes_body(const std::vector<std::string>& codes) {
  std::string body = R"({"created":)" + std::to_string(codes.size()) + R"(,"codes":[)";
  for (std::size_t i = 0; i < codes.size(); ++i) body += (i == 0 ? "" : ",") + quote_json(codes[i]);
  return body + "]}";
}

http::Response generate(Context& context) {
  std::vector<ColumnValue> columns;
  const auto body = checked_body(context, generation_fields(), columns);
  const auto form = form_of(body);
  const auto count = static_cast<std::size_t>(body.at("count").get_int64());
  require_room(form, count);
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto campaign = *value_of(columns, "campaign_id");
    require_advertised_campaign(context, transaction, campaign);
    const auto codes = generate_codes(transaction, form, count, columns);
    write_audit(transaction, context,
                {"generate", "coupon", campaign, std::nullopt, R"({"count":)" + std::to_string(codes.size()) + "}"});
    return Change{http::json_response(201, codes_body(codes)), std::nullopt};
  });
}

constexpr const char* kCopy = R"sql(
INSERT INTO config.coupons (team_id, advertiser_id, campaign_id, partner_id, code, valid_from, valid_until)
SELECT team_id, advertiser_id, campaign_id, partner_id, $2, valid_from, valid_until
FROM config.coupons WHERE id = $1::integer
ON CONFLICT (advertiser_id, upper(code)) DO NOTHING
RETURNING id::text)sql";

// Another code takes the place of this one, which ends now; what it was used for stays.
http::Response regenerate(Context& context) {
  static const Resource coupons = coupon_resource();
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  std::vector<ColumnValue> columns;
  const auto form = form_of(checked_body(context, form_fields(), columns));
  require_room(form, 1'000);
  return mutate(context, [&](ScopedTransaction& transaction) {
    Repository repository(coupons, transaction, context.principal);
    const auto before = repository.find(id, true);
    if (!before) throw not_found();
    const auto state =
        transaction.execute("SELECT state = 'active' FROM config.coupons WHERE id = $1::integer", Params().untyped(id));
    if (!state.boolean(0, 0)) throw conflict("the coupon has ended");
    std::string made;
    for (std::size_t round = 0; round < kRounds && made.empty(); ++round) {
      const auto row = transaction.execute(kCopy, Params().untyped(id).text(make_coupon_code(form)));
      if (row.rows() == 1) made = std::string(row.text(0, 0));
    }
    if (made.empty()) throw conflict("no free code was found: choose a greater length");
    transaction.execute(
        "UPDATE config.coupons SET state = 'replaced', replaced_by = $2::integer WHERE id = $1::integer",
        Params().untyped(id).untyped(made));
    write_audit(transaction, context, {"regenerate", coupons.name, id, before->json, repository.find(id)->json});
    const auto row = repository.find(made);
    auto response = record_response(row->json, row->version, 201);
    response.set("Location", "/api/v1/coupons/" + made);
    return Change{std::move(response), std::nullopt};
  });
}

// A single coupon takes its advertiser from its campaign.
void add_advertiser(Write& write, std::vector<ColumnValue>& columns) {
  const auto campaign = *value_of(columns, "campaign_id");
  require_advertised_campaign(write.context, write.transaction, campaign);
  const auto row = write.transaction.execute("SELECT advertiser_id::text FROM config.campaigns WHERE id = $1::integer",
                                             Params().untyped(campaign));
  columns.push_back({"advertiser_id", std::string(row.text(0, 0))});
}

}  // namespace

void add_coupon_routes(Routes& routes) {
  add_crud_routes(routes, coupon_resource());
  routes.push_back({"POST", "/api/v1/coupons/generate", Access::team, generate});
  routes.push_back({"POST", "/api/v1/coupons/{id}/regenerate", Access::team, regenerate});
}

Resource coupon_resource() {
  Resource resource{.name = "coupon", .path = "coupons", .table = "config.coupons"};
  resource.ended_state = "invalidated";
  resource.fields = {
      team_field(),
      {.name = "advertiser_id", .kind = FieldKind::integer, .flags = Field::read_only},
      campaign_field(),
      partner_field(),
      code_field(),
      {.name = "state", .kind = FieldKind::word, .flags = Field::read_only},
      time_field("valid_from"),
      time_field("valid_until"),
      {.name = "ended_at", .kind = FieldKind::timestamp, .flags = Field::read_only},
      {.name = "replaced_by", .kind = FieldKind::integer, .flags = Field::read_only},
  };
  resource.filters = {"state", "advertiser_id", "campaign_id", "partner_id", "code", "team_id"};
  resource.before_insert = add_advertiser;
  return resource;
}

}  // namespace tributary::admin
