#include "ingestor/store/waiting_postbacks.h"

#include <stdexcept>

#include "core/click_id/click_uuid.h"
#include "ingestor/conversion/postback_fact.h"
#include "platform/postgres/transaction.h"

namespace tributary::ingest {
namespace {

// A click that an edge with a clock behind ours took just before the call may seem to come after it.
constexpr const char* kFind = R"sql(
  SELECT g.place, found.click, found.campaign, found.team, coalesce(k.advertiser, 0), coalesce(k.bucket_minutes, 60),
    found.several
  FROM unnest($1::integer[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS g (affiliate, id, time, place)
  CROSS JOIN LATERAL (
    SELECT c.click, c.campaign, c.team, count(*) OVER () > 1 AS several
    FROM events.external_clicks c
    WHERE c.affiliate = g.affiliate AND c.external_click_id = g.id AND c.time <= g.time + interval '5 seconds'
    ORDER BY c.time <= g.time DESC, greatest(c.time, g.time) - least(c.time, g.time)
    LIMIT 1
  ) found
  LEFT JOIN events.known_campaigns k ON k.campaign = found.campaign
  ORDER BY g.place)sql";

constexpr const char* kWait = R"sql(
  INSERT INTO events.waiting_postbacks
    (journal, position, affiliate, click_text, received_at, team, event, attempts, state, next_attempt_at)
  SELECT journal, position, affiliate, id, time, team, event, attempts,
    CASE WHEN events.looked_for_a_day(attempts) THEN 'unknown' ELSE 'waiting' END, events.look_again(attempts)
  FROM unnest($1::integer[], $2::text[], $3::timestamptz[], $4::integer[], $5::bigint[], $6::uuid[], $7::bytea[],
    $8::integer[]) AS g (affiliate, id, time, journal, position, team, event, attempts))sql";

constexpr const char* kDue = R"sql(
  SELECT journal, position FROM events.waiting_postbacks
  WHERE state = 'waiting' AND next_attempt_at <= now()
  ORDER BY next_attempt_at
  LIMIT 1000)sql";

constexpr const char* kTake = R"sql(
  DELETE FROM events.waiting_postbacks w
  USING (
    SELECT journal, position FROM events.waiting_postbacks
    JOIN unnest($1::integer[], $2::bigint[]) AS g (journal, position) USING (journal, position)
    WHERE state = 'waiting'
    FOR UPDATE SKIP LOCKED
  ) due
  WHERE w.journal = due.journal AND w.position = due.position
  RETURNING w.journal, w.position, w.team, w.event, w.attempts)sql";

// What is refused five times in half a minute will be refused for ever.
constexpr const char* kRefuse = R"sql(
  UPDATE events.waiting_postbacks SET
    failures = failures + 1,
    state = CASE WHEN failures >= 4 THEN 'refused' ELSE state END,
    next_attempt_at = now() + interval '2 seconds' * power(2, failures)
  WHERE journal = $1 AND position = $2 AND state = 'waiting')sql";

// One that was redriven and is refused again has its dead letter already, perhaps of another kind and without its
// bytes.
constexpr const char* kGiveUp = R"sql(
  INSERT INTO events.ingestion_errors AS e
    (journal, position, next_position, batch, kind, reason, detail, bytes, team)
  SELECT journal, position, position + 1, 0, 'waiting_postback', 'refused', $3, event, team
  FROM events.waiting_postbacks
  WHERE journal = $1 AND position = $2 AND state = 'refused'
  ON CONFLICT (journal, position) DO UPDATE SET
    state = 'open', kind = excluded.kind, reason = excluded.reason, bytes = excluded.bytes,
    detail = excluded.detail, last_error = excluded.detail)sql";

using Out = BinaryWriter&;
using In = const ExternalPostback&;

template <typename Write>
void column(Params& params, std::uint32_t array, std::uint32_t element, const std::vector<ExternalPostback>& postbacks,
            Write write) {
  params.array(array, element, postbacks, write);
}

void add_names(Params& params, const std::vector<ExternalPostback>& postbacks) {
  column(params, oid::kInt4Array, oid::kInt4, postbacks, [](Out out, In p) { out.int4(p.fact.affiliate); });
  column(params, oid::kTextArray, oid::kText, postbacks, [](Out out, In p) { out.text(p.fact.click.text); });
  column(params, oid::kTimestamptzArray, oid::kTimestamptz, postbacks,
         [](Out out, In p) { out.timestamptz(static_cast<std::int64_t>(p.fact.time_us)); });
}

void keep_waiting(Connection& connection, const std::vector<ExternalPostback>& postbacks) {
  if (postbacks.empty()) return;
  Params params;
  add_names(params, postbacks);
  column(params, oid::kInt4Array, oid::kInt4, postbacks,
         [](Out out, In p) { out.int4(static_cast<std::int32_t>(p.fact.journal)); });
  column(params, oid::kInt8Array, oid::kInt8, postbacks,
         [](Out out, In p) { out.int8(static_cast<std::int64_t>(p.fact.position)); });
  column(params, oid::kUuidArray, oid::kUuid, postbacks, [](Out out, In p) { out.uuid(p.fact.owner.team); });
  column(params, oid::kByteaArray, oid::kBytea, postbacks, [](Out out, In p) { out.bytes(p.event); });
  column(params, oid::kInt4Array, oid::kInt4, postbacks, [](Out out, In p) { out.int4(p.attempts); });
  connection.execute(kWait, params);
}

void set_click(PostbackFact& fact, const QueryResult& rows, int row) {
  fact.owner.team = rows.uuid(row, 3);
  fact.owner.campaign = static_cast<std::int32_t>(rows.integer(row, 2));
  fact.owner.advertiser = static_cast<std::int32_t>(rows.integer(row, 4));
  fact.owner.bucket_minutes = static_cast<std::int32_t>(rows.integer(row, 5));
  fact.click.id = click_identity(rows.uuid(row, 1));
  fact.click.campaign = fact.owner.campaign;
  fact.several_clicks = rows.boolean(row, 6);
}

ExternalPostback read_waiting(const QueryResult& rows, int row) {
  ExternalPostback postback;
  postback.event = rows.bytes(row, 3);
  postback.attempts = static_cast<std::int32_t>(rows.integer(row, 4)) + 1;
  const auto event = decode_event(postback.event);
  const auto* call = event ? std::get_if<Postback>(&event->payload) : nullptr;
  const RowIdentity identity{static_cast<std::uint32_t>(rows.integer(row, 0)),
                             static_cast<std::uint64_t>(rows.integer(row, 1))};
  auto key = call == nullptr ? std::nullopt : conversion_key(*call, DuplicatePolicy::update, identity);
  if (!key) throw std::logic_error("a waiting postback is none that waits");
  Owner owner;
  owner.team = rows.uuid(row, 2);
  postback.fact = fact_of(event->header, *call, identity, std::move(owner), std::move(*key), {});
  return postback;
}

}  // namespace

void resolve_external_postbacks(Connection& connection, std::vector<ExternalPostback> postbacks,
                                std::vector<PostbackFact>& facts) {
  if (postbacks.empty()) return;
  Params params;
  add_names(params, postbacks);
  const QueryResult rows = connection.execute(kFind, params);
  std::vector<ExternalPostback> unknown;
  int row = 0;
  for (std::size_t i = 0; i < postbacks.size(); ++i) {
    const bool found = row < rows.rows() && rows.integer(row, 0) == static_cast<std::int64_t>(i + 1);
    if (!found) {
      unknown.push_back(std::move(postbacks[i]));
      continue;
    }
    set_click(postbacks[i].fact, rows, row++);
    facts.push_back(std::move(postbacks[i].fact));
  }
  keep_waiting(connection, unknown);
}

std::vector<RowIdentity> due_waiting_postbacks(Connection& connection) {
  const QueryResult rows = connection.execute(kDue);
  std::vector<RowIdentity> due;
  for (int row = 0; row < rows.rows(); ++row) {
    due.push_back({static_cast<std::uint32_t>(rows.integer(row, 0)), static_cast<std::uint64_t>(rows.integer(row, 1))});
  }
  return due;
}

bool any_waiting_postback_is_due(Connection& connection) {
  return connection
      .execute(
          "SELECT EXISTS (SELECT FROM events.waiting_postbacks WHERE state = 'waiting' AND next_attempt_at <= now())")
      .boolean(0, 0);
}

std::vector<ExternalPostback> take_waiting_postbacks(Connection& connection, const std::vector<RowIdentity>& due) {
  using Row = const RowIdentity&;
  Params params;
  params.array(oid::kInt4Array, oid::kInt4, due,
               [](Out out, Row r) { out.int4(static_cast<std::int32_t>(r.journal)); });
  params.array(oid::kInt8Array, oid::kInt8, due,
               [](Out out, Row r) { out.int8(static_cast<std::int64_t>(r.position)); });
  const QueryResult rows = connection.execute(kTake, params);
  std::vector<ExternalPostback> postbacks;
  for (int row = 0; row < rows.rows(); ++row) postbacks.push_back(read_waiting(rows, row));
  return postbacks;
}

void refuse_waiting_postback(Connection& connection, const RowIdentity& identity, const std::string& reason) {
  const auto journal = static_cast<std::int32_t>(identity.journal);
  const auto position = static_cast<std::int64_t>(identity.position);
  Transaction transaction(connection);
  connection.execute(kRefuse, Params().int4(journal).int8(position));
  connection.execute(kGiveUp, Params().int4(journal).int8(position).text(reason));
  transaction.commit();
}

}  // namespace tributary::ingest
