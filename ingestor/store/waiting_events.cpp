#include "ingestor/store/waiting_events.h"

#include "core/click_id/click_uuid.h"

namespace tributary::ingest {
namespace {

// A click that is there is acted upon only when batches that other ingestors store at the same time are visible, too.
constexpr const char* kKeep = R"sql(
  INSERT INTO events.waiting_customer_events
    (advertiser, time, event_id, team, attempts, state, next_attempt_at)
  SELECT advertiser, time, event_id, team, attempts,
    CASE WHEN arrived THEN 'click_arrived' WHEN events.looked_for_a_day(attempts) THEN 'click_unknown'
      ELSE 'awaiting_click' END,
    CASE WHEN arrived THEN now() + interval '5 seconds' ELSE events.look_again(attempts) END
  FROM unnest($1::integer[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::integer[], $6::boolean[])
    AS given (advertiser, time, event_id, team, attempts, arrived)
  ON CONFLICT (event_id) DO NOTHING)sql";

// The locks end at once: they only pass by what another process has taken.
constexpr const char* kDue = R"sql(
  SELECT advertiser, (extract(epoch FROM time) * 1000000)::bigint, event_id, team, attempts
  FROM events.waiting_customer_events
  WHERE state IN ('awaiting_click', 'click_arrived') AND next_attempt_at <= now()
  ORDER BY next_attempt_at
  LIMIT 100
  FOR UPDATE SKIP LOCKED)sql";

constexpr const char* kTake = R"sql(
  DELETE FROM events.waiting_customer_events AS w
  USING (
    SELECT event_id FROM events.waiting_customer_events
    WHERE event_id = ANY ($1::uuid[]) AND state IN ('awaiting_click', 'click_arrived') AND next_attempt_at <= now()
    FOR UPDATE SKIP LOCKED
  ) AS due
  WHERE w.event_id = due.event_id
  RETURNING w.advertiser, (extract(epoch FROM w.time) * 1000000)::bigint, w.event_id, w.team, w.attempts)sql";

// What is refused five times in half a minute will be refused for ever.
constexpr const char* kRefuse = R"sql(
  UPDATE events.waiting_customer_events SET
    refusals = refusals + 1,
    last_error = $2,
    state = CASE WHEN refusals >= 4 THEN 'refused' ELSE state END,
    next_attempt_at = now() + interval '2 seconds' * power(2, refusals)
  WHERE event_id = $1 AND state IN ('awaiting_click', 'click_arrived'))sql";

std::vector<WaitingEvent> read_waiting(const QueryResult& rows) {
  std::vector<WaitingEvent> events;
  for (int row = 0; row < rows.rows(); ++row) {
    const ClickIdentity id = click_identity(rows.uuid(row, 2));
    events.push_back(
        {.event = {static_cast<std::uint32_t>(rows.integer(row, 0)), rows.integer(row, 1), id.high, id.low},
         .team = rows.uuid(row, 3),
         .attempts = static_cast<std::int32_t>(rows.integer(row, 4)) + 1});
  }
  return events;
}

}  // namespace

void keep_waiting(Connection& connection, const std::vector<WaitingEvent>& events) {
  if (events.empty()) return;
  using Out = BinaryWriter&;
  using In = const WaitingEvent&;
  std::vector<EventKey> keys;
  for (const WaitingEvent& waiting : events) keys.push_back(waiting.event);
  Params params;
  add_event_keys(params, keys);
  params.array(oid::kUuidArray, oid::kUuid, events, [](Out out, In w) { out.uuid(w.team); });
  params.array(oid::kInt4Array, oid::kInt4, events, [](Out out, In w) { out.int4(w.attempts); });
  params.array(oid::kBoolArray, oid::kBool, events, [](Out out, In w) { out.boolean(w.click_arrived); });
  connection.execute(kKeep, params);
}

std::vector<WaitingEvent> due_waiting_events(Connection& connection) {
  return read_waiting(connection.execute(kDue));
}

std::vector<WaitingEvent> take_waiting_events(Connection& connection, const std::vector<WaitingEvent>& due) {
  Params params;
  params.array(oid::kUuidArray, oid::kUuid, due,
               [](BinaryWriter& out, const WaitingEvent& w) { out.uuid(w.event.high, w.event.low); });
  return read_waiting(connection.execute(kTake, params));
}

void refuse_waiting_event(Connection& connection, const WaitingEvent& event, const std::string& reason) {
  connection.execute(kRefuse, Params().uuid(click_uuid({event.event.high, event.event.low})).text(reason));
}

}  // namespace tributary::ingest
