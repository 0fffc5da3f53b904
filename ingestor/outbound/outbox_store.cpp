#include "ingestor/outbound/outbox_store.h"

#include <algorithm>
#include <unordered_map>

#include "core/base/utf8.h"
#include "platform/postgres/transaction.h"

namespace tributary::ingest {
namespace {

// Of its conversion and template: those before it are sent or given up.
const std::string kFirstInLine = R"sql(NOT EXISTS (
          SELECT FROM events.outbox e
          WHERE e.conversion = q.conversion AND e.template = q.template AND e.id < q.id AND e.state = 'queued'))sql";

// Template by template, so that one with a long queue does not keep the others waiting. A peer that failed too often
// is tried with one entry.
const std::string kClaim = R"sql(
  WITH due AS (
    SELECT o.id, o.next_at
    FROM events.known_outbound_templates t
    CROSS JOIN LATERAL (
      SELECT q.id, q.next_at
      FROM events.outbox q
      WHERE q.template = t.template AND q.state = 'queued' AND q.next_at <= now()
        AND )sql" + kFirstInLine +
                           R"sql(
      ORDER BY q.next_at, q.id
      LIMIT CASE WHEN t.failures >= $5 THEN 1 ELSE $6 END
      FOR UPDATE SKIP LOCKED
    ) o
    WHERE t.active AND (t.paused_until IS NULL OR t.paused_until <= now()) AND t.host <> ALL ($2::text[])
    ORDER BY o.next_at, o.id
    LIMIT $1
  )
  UPDATE events.outbox o
  SET leased_to = $3, lease_until = now() + $4 * interval '1 millisecond', next_at = now() + $4 * interval '1 millisecond'
  FROM due, events.known_outbound_templates t
  WHERE o.id = due.id AND t.template = o.template
  RETURNING o.id, o.team, o.template, o.attempts + 1, t.failures, t.method, t.url, t.host, t.body, t.content_type,
    lower(t.success_status), upper(t.success_status) - 1, t.success_substring)sql";

constexpr const char* kValues = R"sql(
  SELECT o.id, true, v.key, v.value
  FROM events.outbox o CROSS JOIN LATERAL jsonb_each_text(o.payload) v
  WHERE o.id = ANY ($1::bigint[])
  UNION ALL
  SELECT o.id, false, h.key, h.value
  FROM events.outbox o
  JOIN events.known_outbound_templates t ON t.template = o.template
  CROSS JOIN LATERAL jsonb_each_text(t.headers) h
  WHERE o.id = ANY ($1::bigint[]))sql";

constexpr const char* kInsertAttempt = R"sql(
  INSERT INTO events.outbox_attempts (outbox, team, started_at, duration_ms, url, body, status, answer, error)
  SELECT $1, $2, $3, $4, $5, nullif($6, ''), nullif($7, 0), $8, nullif($9, '')
  WHERE EXISTS (SELECT FROM events.outbox WHERE id = $1))sql";

// An entry that another sender has leased meanwhile is his.
constexpr const char* kFinish = R"sql(
  UPDATE events.outbox
  SET state = $3, attempts = attempts + 1, leased_to = NULL, lease_until = NULL,
    next_at = now() + $4 * interval '1 millisecond',
    finished_at = CASE WHEN $3 <> 'queued' THEN now() END
  WHERE id = $1 AND leased_to = $2 AND state = 'queued')sql";

constexpr const char* kNoteSuccess = R"sql(
  UPDATE events.known_outbound_templates
  SET failures = 0, paused_until = NULL, paused_reason = NULL
  WHERE template = $1 AND failures <> 0)sql";

constexpr const char* kNoteFailure = R"sql(
  UPDATE events.known_outbound_templates
  SET failures = failures + 1,
    paused_until = CASE WHEN failures + 1 >= $2 THEN now() + make_interval(secs => $3) END,
    paused_reason = CASE WHEN failures + 1 >= $2 THEN $4 END
  WHERE template = $1
  RETURNING failures)sql";

constexpr const char* kIncident = R"sql(
  INSERT INTO events.incidents (kind, detail)
  VALUES ('other', format('outbound template %s is paused after %s failures in a row: %s', $1::integer, $2::bigint, $3)))sql";

constexpr const char* kRelease = R"sql(
  UPDATE events.outbox
  SET leased_to = NULL, lease_until = NULL, next_at = now()
  WHERE id = ANY ($1::bigint[]) AND leased_to = $2 AND state = 'queued')sql";

const std::string kBacklog = R"sql(
  SELECT coalesce((extract(epoch FROM now() - min(first.next_at)) * 1000)::bigint, 0),
    count(*) FILTER (WHERE t.paused_until IS NOT NULL)
  FROM events.known_outbound_templates t
  LEFT JOIN LATERAL (
    SELECT q.next_at
    FROM events.outbox q
    WHERE q.template = t.template AND q.state = 'queued' AND q.next_at <= now() AND t.paused_until IS NULL
      AND )sql" + kFirstInLine +
                             R"sql(
    ORDER BY q.next_at
    LIMIT 1
  ) first ON true
  WHERE t.active)sql";

constexpr std::size_t kKeptAnswer = 1024;

std::string cleaned(std::string_view text) {
  std::string clean;
  append_clean_text(text, clean);
  return clean;
}

OutboxEntry read_entry(const QueryResult& rows, int row) {
  OutboxEntry entry;
  entry.id = rows.integer(row, 0);
  entry.team = rows.uuid(row, 1);
  entry.template_id = static_cast<std::int32_t>(rows.integer(row, 2));
  entry.attempt = rows.integer(row, 3);
  entry.failures = rows.integer(row, 4);
  entry.method = rows.text(row, 5);
  entry.url = rows.text(row, 6);
  entry.host = rows.text(row, 7);
  entry.body = rows.text(row, 8);
  entry.content_type = rows.text(row, 9);
  entry.first_success = rows.integer(row, 10);
  entry.last_success = rows.integer(row, 11);
  entry.success_substring = rows.text(row, 12);
  return entry;
}

void add_ids(Params& params, const std::vector<OutboxEntry>& entries) {
  params.array(oid::kInt8Array, oid::kInt8, entries, [](BinaryWriter& out, const auto& entry) { out.int8(entry.id); });
}

void add_values(Connection& connection, std::vector<OutboxEntry>& entries) {
  std::unordered_map<std::int64_t, OutboxEntry*> by_id;
  for (OutboxEntry& entry : entries) by_id[entry.id] = &entry;
  Params ids;
  add_ids(ids, entries);
  const QueryResult rows = connection.execute(kValues, ids);
  for (int row = 0; row < rows.rows(); ++row) {
    OutboxEntry& entry = *by_id.at(rows.integer(row, 0));
    if (rows.boolean(row, 1)) {
      entry.values.emplace(rows.text(row, 2), rows.text(row, 3));
    } else {
      entry.headers.push_back(std::string(rows.text(row, 2)) + ": " + std::string(rows.text(row, 3)));
    }
  }
}

// Two senders that record the results of the same templates take their rows in one order.
std::vector<const OutboxResult*> by_template(const std::vector<OutboxResult>& results) {
  std::vector<const OutboxResult*> sorted;
  for (const OutboxResult& result : results) sorted.push_back(&result);
  std::stable_sort(sorted.begin(), sorted.end(), [](const OutboxResult* a, const OutboxResult* b) {
    return a->entry.template_id < b->entry.template_id;
  });
  return sorted;
}

}  // namespace

OutboxStore::OutboxStore(const OutboundSettings& settings, Connection connection, std::string sender)
    : settings_(settings), connection_(std::move(connection)), sender_(std::move(sender)) {}

std::vector<OutboxEntry> OutboxStore::claim(std::size_t most, const std::vector<std::string>& busy_hosts) {
  Transaction transaction(connection_);
  const QueryResult rows =
      connection_.execute(kClaim, Params()
                                      .int4(static_cast<std::int32_t>(most))
                                      .array(oid::kTextArray, oid::kText, busy_hosts,
                                             [](BinaryWriter& out, const std::string& host) { out.text(host); })
                                      .text(sender_)
                                      .int8(settings_.lease().count())
                                      .int4(settings_.pause_after)
                                      .int4(static_cast<std::int32_t>(settings_.per_host)));
  std::vector<OutboxEntry> entries;
  for (int row = 0; row < rows.rows(); ++row) entries.push_back(read_entry(rows, row));
  if (!entries.empty()) add_values(connection_, entries);
  transaction.commit();
  return entries;
}

OutboxStore::Recorded OutboxStore::record(const std::vector<OutboxResult>& results) {
  Recorded recorded;
  Transaction transaction(connection_);
  for (const OutboxResult* result : by_template(results)) {
    finish(*result);
    if (result->error.empty()) {
      connection_.execute(kNoteSuccess, Params().int4(result->entry.template_id));
    } else if (note_failure(*result)) {
      recorded.paused.push_back(result->entry.template_id);
    }
  }
  transaction.commit();
  return recorded;
}

void OutboxStore::finish(const OutboxResult& result) {
  connection_.execute(kInsertAttempt, Params()
                                          .int8(result.entry.id)
                                          .uuid(result.entry.team)
                                          .timestamptz(result.started_us)
                                          .int4(static_cast<std::int32_t>(result.took.count()))
                                          .text(result.url)
                                          .text(result.body)
                                          .int4(static_cast<std::int32_t>(result.status))
                                          .text(cleaned(cut_between_characters(result.answer, kKeptAnswer)))
                                          .text(cleaned(result.error)));
  const char* state = result.error.empty() ? "sent" : result.retry_in ? "queued" : "failed";
  connection_.execute(kFinish, Params()
                                   .int8(result.entry.id)
                                   .text(sender_)
                                   .text(state)
                                   .int8(result.retry_in.value_or(std::chrono::milliseconds(0)).count()));
}

// True when this failure begins a pause.
bool OutboxStore::note_failure(const OutboxResult& result) {
  const std::string error = cleaned(result.error);
  const QueryResult peer = connection_.execute(kNoteFailure, Params()
                                                                 .int4(result.entry.template_id)
                                                                 .int4(settings_.pause_after)
                                                                 .untyped(std::to_string(settings_.pause_s))
                                                                 .text(error));
  if (peer.rows() == 0 || peer.integer(0, 0) != settings_.pause_after) return false;
  connection_.execute(kIncident, Params().int4(result.entry.template_id).int8(settings_.pause_after).text(error));
  return true;
}

void OutboxStore::release(const std::vector<OutboxEntry>& entries) {
  if (entries.empty()) return;
  Params params;
  add_ids(params, entries);
  connection_.execute(kRelease, params.text(sender_));
}

OutboxStore::Backlog OutboxStore::backlog() {
  const QueryResult row = connection_.execute(kBacklog);
  return {static_cast<double>(row.integer(0, 0)) / 1000.0, row.integer(0, 1)};
}

}  // namespace tributary::ingest
