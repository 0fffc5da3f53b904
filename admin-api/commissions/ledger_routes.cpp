#include <boost/json/serialize.hpp>

#include "admin-api/api/asked_team.h"
#include "admin-api/api/event_list.h"
#include "admin-api/api/mutation.h"
#include "admin-api/api/problem.h"
#include "admin-api/commissions/commission_routes.h"
#include "admin-api/resources/resource.h"
#include "admin-api/text/formats.h"

// The ledger of a partner: what was earned is booked by the ingestor, payouts and adjustments by hand here. Rows are
// only ever added.
namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostAmount = 1'000'000'000;

const std::string kRow = R"sql(json_build_object(
  'id', t.id, 'partner_id', t.partner, 'kind', t.kind, 'amount', trim_scale(t.amount)::text, 'currency', t.currency,
  'due_at', config.utc_text(t.due_at), 'earned_at', config.utc_text(t.earned_at),
  'campaign_id', nullif(t.campaign, 0), 'conversion_id', t.conversion, 'event_id', t.customer_event,
  'commission_id', t.rule, 'commission_version', t.rule_version, 'reference', t.reference, 'note', t.note,
  'created_at', config.utc_text(t.created_at), 'created_by', t.created_by))sql";

const std::string kSums = R"sql(json_build_object(
  'currency', currency, 'pending', trim_scale(pending)::text, 'payable', trim_scale(payable)::text,
  'paid', trim_scale(paid)::text, 'earned', trim_scale(earned)::text, 'adjusted', trim_scale(adjusted)::text))sql";

const EventList kBalances{
    .select = "json_build_object('partner_id', t.id, 'balances', t.balances)",
    .from = "(SELECT partner::bigint AS id, team, json_agg(" + kSums +
            " ORDER BY currency) AS balances FROM events.partner_balances GROUP BY partner, team)",
    .condition = "($1::uuid IS NULL OR t.team = $1::uuid)"};

struct Partner {
  std::string id, team;
};

// Throws 404 unless the path names a partner of the caller's; one that was deleted can still be paid.
Partner require_partner(Context& context, ScopedTransaction& transaction) {
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  Params params;
  params.untyped(id);
  add_optional(params, own_team(context.principal));
  const auto found = transaction.execute(
      "SELECT team_id::text FROM config.partners WHERE id = $1::integer AND ($2::uuid IS NULL OR team_id = $2::uuid)",
      params);
  if (found.rows() == 0) throw not_found();
  return {id, std::string(found.text(0, 0))};
}

http::Response balance(Context& context) {
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto partner = require_partner(context, transaction);
  const auto row = transaction.execute("SELECT coalesce(json_agg(" + kSums +
                                           " ORDER BY currency), '[]')::text"
                                           " FROM events.partner_balances WHERE partner = $1::integer",
                                       Params().untyped(partner.id));
  return http::json_response(200,
                             R"({"partner_id":)" + partner.id + R"(,"balances":)" + std::string(row.text(0, 0)) + "}");
}

http::Response list(Context& context) {
  {
    ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
    require_partner(context, transaction);
  }
  return list_events(context, {.select = kRow,
                               .from = "events.partner_ledger",
                               .condition = "($1::uuid IS NULL OR t.team = $1::uuid)",
                               .filters = {{"kind"},
                                           {.argument = "campaign_id", .column = "campaign", .number = true},
                                           {.argument = "conversion_id", .column = "conversion", .number = true}},
                               .parent = "partner"});
}

const std::vector<Field>& entry_fields() {
  static const std::vector<Field> fields{
      {.name = "kind", .kind = FieldKind::word, .flags = Field::required, .words = {"paid", "adjusted"}},
      {.name = "amount", .kind = FieldKind::money, .flags = Field::required, .min = -kMostAmount},
      {.name = "currency", .kind = FieldKind::currency, .flags = Field::required},
      {.name = "reference", .flags = Field::required, .min = 1, .max = 100},
      {.name = "note", .flags = Field::nullable, .max = 500}};
  return fields;
}

// $1 partner, $2 kind, $3 amount, $4 currency, $5 reference; what is paid out leaves the ledger.
constexpr const char* kBooked = R"sql(
SELECT t.id::text, t.kind = $2 AND t.amount = $3::numeric * CASE $2 WHEN 'paid' THEN -1 ELSE 1 END AND t.currency = $4
FROM events.partner_ledger AS t WHERE t.partner = $1::integer AND t.reference = $5)sql";

// Of this moment: now() is the begin of this transaction, and a payout that came before ours may have begun after it.
constexpr const char* kPayable = R"sql(
SELECT $1::numeric > 0, $1::numeric <> 0, $1::numeric <= payable, trim_scale(payable)::text
FROM (
  SELECT coalesce(sum(amount) FILTER (WHERE due_at <= clock_timestamp()), 0) AS payable
  FROM events.partner_ledger WHERE partner = $2::integer AND currency = $3
) AS balance)sql";

constexpr const char* kBook = R"sql(
INSERT INTO events.partner_ledger (partner, kind, amount, currency, reference, note, team, created_by)
VALUES ($1::integer, $2, $3::numeric * CASE $2 WHEN 'paid' THEN -1 ELSE 1 END, $4, $5, $6, $7::uuid,
  nullif($8, '')::uuid)
RETURNING id::text)sql";

struct Entry {
  std::string kind, amount, currency, reference;
  std::optional<std::string> note;

  Params params(const Partner& partner) const {
    Params params;
    params.untyped(partner.id).text(kind).untyped(amount).text(currency).text(reference);
    return params;
  }
};

Entry read_entry(const json::object& body) {
  const auto columns = require_members(entry_fields(), body);
  return {.kind = *value_of(columns, "kind"),
          .amount = *value_of(columns, "amount"),
          .currency = *value_of(columns, "currency"),
          .reference = *value_of(columns, "reference"),
          .note = value_of(columns, "note")};
}

// Nobody is paid more than is payable; the lock keeps another payout from counting on the same money.
void require_payable(ScopedTransaction& transaction, const Partner& partner, const Entry& entry) {
  const auto judged =
      transaction.execute(kPayable, Params().untyped(entry.amount).untyped(partner.id).text(entry.currency));
  if (!judged.boolean(0, 1)) throw invalid_field("amount", "must not be 0");
  if (entry.kind != "paid") return;
  if (!judged.boolean(0, 0)) throw invalid_field("amount", "must be more than 0");
  if (!judged.boolean(0, 2)) {
    throw invalid_field("amount",
                        "is more than what is payable: " + std::string(judged.text(0, 3)) + " " + entry.currency);
  }
}

std::string row_of(ScopedTransaction& transaction, const std::string& id) {
  const auto row = transaction.execute(
      "SELECT " + kRow + "::text FROM events.partner_ledger AS t WHERE t.id = $1::bigint", Params().untyped(id));
  return std::string(row.text(0, 0));
}

http::Response book(Context& context) {
  const auto entry = read_entry(context.json_body());
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto partner = require_partner(context, transaction);
    transaction.execute("SELECT events.lock_ledgers(ARRAY[$1::integer])", Params().untyped(partner.id));
    auto params = entry.params(partner);
    const auto booked = transaction.execute(kBooked, params);
    if (booked.rows() == 1) {
      if (!booked.boolean(0, 1)) throw conflict("the reference stands in the ledger with another kind or amount");
      return Change{http::json_response(200, row_of(transaction, std::string(booked.text(0, 0)))), std::nullopt};
    }
    require_payable(transaction, partner, entry);
    add_optional(params, entry.note).untyped(partner.team).text(context.principal.user);
    const auto made = row_of(transaction, std::string(transaction.execute(kBook, params).text(0, 0)));
    write_audit(transaction, context, {entry.kind, "partner_ledger", partner.id, std::nullopt, made});
    return Change{http::json_response(201, made), std::nullopt};
  });
}

}  // namespace

void add_ledger_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/balances", Access::team, [](Context& c) { return list_events(c, kBalances); }});
  routes.push_back({"GET", "/api/v1/partners/{id}/balance", Access::team, balance});
  routes.push_back({"GET", "/api/v1/partners/{id}/ledger", Access::team, list});
  routes.push_back({"POST", "/api/v1/partners/{id}/ledger", Access::team, book});
}

}  // namespace tributary::admin
