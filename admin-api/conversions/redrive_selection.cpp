#include "admin-api/conversions/redrive_selection.h"

#include <algorithm>

#include "admin-api/api/asked_team.h"
#include "admin-api/api/problem.h"
#include "admin-api/text/formats.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostCalls = 10'000;  // of one request: they are judged while it waits

// Those that were stored by a redrive, or wait for it, are left out.
constexpr const char* kSelect = R"sql(
SELECT (extract(epoch FROM t.time) * 1000000)::bigint, t.journal, t.position, t.team::text, t.edge, t.slot, t.epoch,
  t.generation, t.conversion_id, t.network, t.affiliate, t.verdict, t.verified, t.uri, t.body,
  config.utc_text(t.time), t.signature
FROM events.postbacks AS t
WHERE t.verdict >= 64
  AND ($1::uuid IS NULL OR t.team = $1::uuid)
  AND ($2::bigint[] IS NULL OR t.conversion_id = ANY ($2::bigint[]))
  AND ($3::integer IS NULL OR t.network = $3::integer)
  AND ($8::integer IS NULL OR t.affiliate = $8::integer)
  AND ($4::smallint IS NULL OR t.verdict = $4::smallint)
  AND ($5::timestamptz IS NULL OR t.time >= $5::timestamptz)
  AND ($6::timestamptz IS NULL OR t.time < $6::timestamptz)
  AND NOT EXISTS (
    SELECT FROM events.postback_redrives AS r
    WHERE r.journal = t.journal AND r.position = t.position AND r.state <> 'failed')
ORDER BY t.time, t.journal, t.position
LIMIT $7::integer)sql";

std::string text_of(const json::object& body, std::string_view name) {
  const auto* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string()) throw invalid_field(std::string(name), "must be a text");
  return std::string(value->get_string());
}

std::int64_t number_of(const json::object& body, std::string_view name, std::int64_t least, std::int64_t most,
                       std::int64_t fallback) {
  const auto* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return fallback;
  if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most) {
    throw invalid_field(std::string(name),
                        "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value->get_int64();
}

std::vector<std::int64_t> ids_of(const json::object& body) {
  const auto* value = body.if_contains("postback_ids");
  std::vector<std::int64_t> ids;
  if (value == nullptr || value->is_null()) return ids;
  const auto* list = value->if_array();
  if (list == nullptr || list->empty() || static_cast<std::int64_t>(list->size()) > kMostCalls) {
    throw invalid_field("postback_ids", "must be a list of 1 to " + std::to_string(kMostCalls) + " numbers");
  }
  for (const auto& id : *list) {
    if (!id.is_int64()) throw invalid_field("postback_ids", "must be a list of numbers");
    ids.push_back(id.get_int64());
  }
  return ids;
}

int verdict_of(const std::string& name) {
  if (name.empty()) return 0;
  for (int number = 64; number < 256; ++number) {
    if (postback_verdict_name(static_cast<PostbackVerdict>(number)) == name) return number;
  }
  throw invalid_field("verdict", "must be a verdict of the quarantine, such as unknown_status");
}

std::string moment_of(const json::object& body, std::string_view name) {
  auto moment = text_of(body, name);
  if (!moment.empty() && !is_timestamp(moment)) {
    throw invalid_field(std::string(name), "must be a time: 2026-01-31T12:00:00Z");
  }
  return moment;
}

// "{1,2}", as PostgreSQL reads an array.
std::optional<std::string> array_text(const std::vector<std::int64_t>& ids) {
  if (ids.empty()) return std::nullopt;
  std::string text;
  for (const auto id : ids) text += (text.empty() ? "{" : ",") + std::to_string(id);
  return text + "}";
}

std::optional<std::string> unless_zero(std::int64_t number) {
  return number == 0 ? std::nullopt : std::optional(std::to_string(number));
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

SelectedCall read_call(const QueryResult& rows, int row) {
  const auto number = [&](int column) { return static_cast<std::uint32_t>(rows.integer(row, column)); };
  SelectedCall call;
  call.journal = rows.integer(row, 1);
  call.position = rows.integer(row, 2);
  call.team = std::string(rows.text(row, 3));
  call.header = {static_cast<std::uint64_t>(rows.integer(row, 0)), number(4), number(5), number(6),
                 static_cast<std::uint64_t>(rows.integer(row, 7))};
  call.conversion_id = static_cast<std::uint64_t>(rows.integer(row, 8));
  call.network = number(9);
  call.affiliate = number(10);
  call.verdict = static_cast<PostbackVerdict>(number(11));
  call.verified = rows.boolean(row, 12);
  call.uri = std::string(rows.text(row, 13));
  if (!rows.is_null(row, 14)) call.body = rows.bytes(row, 14);
  call.received_at = std::string(rows.text(row, 15));
  if (!rows.is_null(row, 16)) call.signature = rows.bytes(row, 16);
  return call;
}

}  // namespace

RedriveSelection read_redrive_selection(const json::object& body) {
  constexpr std::string_view kNames[] = {"postback_ids", "network_id", "affiliate_id", "verdict",
                                         "from",         "to",         "limit",        "dry_run"};
  for (const auto& member : body) {
    const std::string_view name = member.key();
    if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) {
      throw invalid_field(std::string(name), "is not known");
    }
  }
  RedriveSelection selection;
  selection.ids = ids_of(body);
  selection.network = number_of(body, "network_id", 1, INT32_MAX, 0);
  selection.affiliate = number_of(body, "affiliate_id", 1, INT32_MAX, 0);
  selection.verdict = verdict_of(text_of(body, "verdict"));
  selection.from = moment_of(body, "from");
  selection.to = moment_of(body, "to");
  selection.limit = static_cast<int>(number_of(body, "limit", 1, kMostCalls, 1000));
  if (const auto* dry_run = body.if_contains("dry_run")) {
    if (!dry_run->is_bool()) throw invalid_field("dry_run", "must be true or false");
    selection.dry_run = dry_run->get_bool();
  }
  if (selection.ids.empty() && selection.network == 0 && selection.affiliate == 0) {
    throw invalid_field("network_id", "name a network, an affiliate, or the calls themselves in postback_ids");
  }
  return selection;
}

std::vector<SelectedCall> select_calls(ScopedTransaction& transaction, const Context& context,
                                       const RedriveSelection& selection) {
  Params params;
  add_optional(params, own_team(context.principal));
  add_optional(params, array_text(selection.ids));
  add_optional(params, unless_zero(selection.network));
  add_optional(params, unless_zero(selection.verdict));
  add_optional(params, unless_empty(selection.from));
  add_optional(params, unless_empty(selection.to));
  params.int4(selection.limit + 1);
  add_optional(params, unless_zero(selection.affiliate));
  const auto rows = transaction.execute(kSelect, params);
  std::vector<SelectedCall> calls;
  calls.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) calls.push_back(read_call(rows, row));
  return calls;
}

}  // namespace tributary::admin
