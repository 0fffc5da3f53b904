#include <algorithm>
#include <array>

#include "admin-api/api/mutation.h"
#include "admin-api/api/page.h"
#include "admin-api/resources/new_coupons.h"
#include "admin-api/text/csv.h"
#include "admin-api/text/formats.h"

// Coupons as CSV: code, partner_id, valid_from, valid_until, and for export id, campaign_id and state.
namespace tributary::admin {
namespace {

// By the number: the first column has the same name, and as text 10 comes before 9.
constexpr const char* kExport = R"sql(
SELECT id::text, campaign_id::text, coalesce(partner_id::text, ''), code, state,
       coalesce(config.utc_text(valid_from), ''), coalesce(config.utc_text(valid_until), '')
FROM config.coupons AS t
WHERE id > $1::integer AND ($2 = '' OR campaign_id::text = $2) AND ($3 = '' OR partner_id::text = $3)
  AND ($4 = '' OR state = $4)
ORDER BY t.id
LIMIT $5)sql";
constexpr int kColumns = 7;
constexpr const char* kHeader = "id,campaign_id,partner_id,code,state,valid_from,valid_until\r\n";
constexpr std::size_t kMostProblems = 100;

// Row security keeps to the team; the rows behind the last one come with its id as cursor.
http::Response export_coupons(Context& context) {
  context.allow_arguments({"cursor", "campaign_id", "partner_id", "state"});
  const auto after = page_cursor(context, false);
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(kExport, Params()
                                                     .untyped(after.empty() ? "0" : after)
                                                     .text(context.argument("campaign_id"))
                                                     .text(context.argument("partner_id"))
                                                     .text(context.argument("state"))
                                                     .int4(static_cast<std::int32_t>(kMostNewCoupons)));
  std::string body = kHeader;
  for (int row = 0; row < rows.rows(); ++row) {
    for (int column = 0; column < kColumns; ++column) {
      body += (column == 0 ? "" : ",") + csv_cell(rows.text(row, column));
    }
    body += "\r\n";
  }
  auto response = http::text_response(200, std::move(body), "text/csv; charset=utf-8");
  response.set("Content-Disposition", "attachment; filename=\"coupons.csv\"");
  if (rows.rows() == static_cast<int>(kMostNewCoupons)) {
    response.set("Next-Cursor", encode_cursor(std::string(rows.text(rows.rows() - 1, 0))));
  }
  return response;
}

// Where the columns stand in the file; the order is free, all but `code` may be missing.
using Places = std::array<std::optional<std::size_t>, 4>;
constexpr std::array<std::string_view, 4> kNames{"code", "partner_id", "valid_from", "valid_until"};

Places find_columns(const CsvRow& header) {
  Places places;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto* name = std::find(kNames.begin(), kNames.end(), header[i]);
    if (name == kNames.end()) throw invalid_field("header", "\"" + header[i] + "\" is not a column of coupons");
    auto& place = places[static_cast<std::size_t>(name - kNames.begin())];
    if (place) throw invalid_field("header", "\"" + header[i] + "\" stands twice");
    place = i;
  }
  if (!places[0]) throw invalid_field("header", "needs a column \"code\"");
  return places;
}

bool is_code(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return text.size() >= 3 && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

// The cell of a column; empty: it has none.
std::string cell(const CsvRow& row, const std::optional<std::size_t>& place) {
  return place && *place < row.size() ? row[*place] : std::string();
}

std::optional<std::string> or_null(std::string text) {
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

void add_row(NewCoupons& coupons, const CsvRow& row, const Places& places, const std::string& line,
             std::vector<FieldProblem>& problems) {
  const auto problem = [&](const char* reason) {
    if (problems.size() < kMostProblems) problems.push_back({line, reason});
  };
  auto code = cell(row, places[0]);
  auto partner = cell(row, places[1]);
  if (!is_code(code)) problem("code must be 3 to 64 letters, digits, _ and -");
  if (!partner.empty() && !is_number(partner, 9)) problem("partner_id must be a number");
  for (const auto& place : {places[2], places[3]}) {
    const auto time = cell(row, place);
    if (!time.empty() && !is_timestamp(time)) problem("times must be as 2026-01-31T12:00:00Z");
  }
  coupons.codes.push_back(std::move(code));
  coupons.partners.push_back(or_null(std::move(partner)));
  coupons.valid_from.push_back(or_null(cell(row, places[2])));
  coupons.valid_until.push_back(or_null(cell(row, places[3])));
}

NewCoupons read_coupons(const Context& context) {
  auto rows = parse_csv(context.request.body);
  if (!rows || rows->empty()) throw ApiError(400, "malformed_csv", "the body must be CSV with a header");
  const auto places = find_columns(rows->front());
  NewCoupons coupons{
      .campaign = context.argument("campaign_id"), .codes = {}, .partners = {}, .valid_from = {}, .valid_until = {}};
  if (!is_number(coupons.campaign, 9)) throw invalid_field("campaign_id", "is required in the query");
  std::vector<FieldProblem> problems;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    add_row(coupons, (*rows)[i], places, "row " + std::to_string(i), problems);
  }
  if (!problems.empty()) throw invalid_fields(std::move(problems));
  return coupons;
}

// Which of them somebody had: a code stands twice in the file, or was given out before.
void require_all_stored(const NewCoupons& coupons, std::vector<std::string> stored) {
  if (stored.size() == coupons.codes.size()) return;
  std::vector<FieldProblem> taken;
  std::sort(stored.begin(), stored.end());
  for (std::size_t i = 0; i < coupons.codes.size() && taken.size() < kMostProblems; ++i) {
    const auto place = std::lower_bound(stored.begin(), stored.end(), coupons.codes[i]);
    if (place != stored.end() && *place == coupons.codes[i]) {
      stored.erase(place);
    } else {
      taken.push_back({"row " + std::to_string(i + 1), "the code is taken"});
    }
  }
  throw ApiError(409, "conflict", "nothing was stored: codes are taken", std::move(taken));
}

// All of them or none.
http::Response import_coupons(Context& context) {
  context.allow_arguments({"campaign_id"});
  const auto coupons = read_coupons(context);
  return mutate(context, [&](ScopedTransaction& transaction) {
    require_advertised_campaign(context, transaction, coupons.campaign);
    require_all_stored(coupons, store_coupons(transaction, coupons));
    const auto count = R"({"created":)" + std::to_string(coupons.codes.size()) + "}";
    write_audit(transaction, context, {"import", "coupon", coupons.campaign, std::nullopt, count});
    return Change{http::json_response(201, count), std::nullopt};
  });
}

}  // namespace

void add_coupon_csv_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/coupons/export", Access::team, export_coupons});
  routes.push_back({"POST", "/api/v1/coupons/import", Access::team, import_coupons});
}

}  // namespace tributary::admin
