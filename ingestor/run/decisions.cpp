#include "ingestor/run/decisions.h"

namespace tributary::ingest {
namespace {

// The conversion says what the fold does not decide.
constexpr const char* kSelect = R"sql(
  SELECT d.id, d.key_owner, d.key_kind, d.key_event, d.key_subject, (extract(epoch FROM d.requested_at) * 1000000)::bigint,
    d.status, d.by_rule, coalesce(d.requested_by, '00000000-0000-0000-0000-000000000000'), coalesce(d.note, ''),
    c.network, c.affiliate, coalesce(c.transaction, ''), c.event, coalesce(n.back_to_sale, false)
  FROM events.conversion_decisions d
  JOIN events.conversions c USING (key_owner, key_kind, key_event, key_subject)
  LEFT JOIN events.known_networks n ON n.network = c.network
  WHERE d.state = 'queued' AND d.id > $1
  ORDER BY d.id
  LIMIT 200)sql";

constexpr const char* kMarkDone = R"sql(
  UPDATE events.conversion_decisions SET state = 'done', finished_at = now()
  WHERE id = ANY ($1::bigint[]) AND state = 'queued')sql";

constexpr const char* kMarkFailed = R"sql(
  UPDATE events.conversion_decisions SET state = 'failed', finished_at = now(), last_error = $2
  WHERE id = $1 AND state = 'queued')sql";

class TakenByAnother {};

PostbackFact fact_of(const QueryResult& rows, int row) {
  const auto number = [&](int column) { return static_cast<std::int32_t>(rows.integer(row, column)); };
  PostbackFact fact;
  fact.key = {number(1), static_cast<KeyKind>(number(2)), std::string(rows.text(row, 3)),
              std::string(rows.text(row, 4))};
  fact.time_us = static_cast<std::uint64_t>(rows.integer(row, 5));
  fact.position = static_cast<std::uint64_t>(rows.integer(row, 0));
  fact.status = static_cast<ConversionStatus>(number(6));
  fact.decision = Decision{rows.boolean(row, 7), rows.uuid(row, 8), std::string(rows.text(row, 9))};
  fact.network = number(10);
  fact.affiliate = number(11);
  fact.transaction = rows.text(row, 12);
  fact.event = rows.text(row, 13);
  fact.back_to_sale = rows.boolean(row, 14);
  return fact;
}

}  // namespace

Decisions::Decisions(const IngestorSettings& settings)
    : connection_(settings.connection("decisions")), writer_(connection_, "decisions") {}

Decisions::Queued Decisions::next(std::int64_t after) {
  const QueryResult rows = connection_.execute(kSelect, Params().int8(after));
  Queued queued;
  for (int row = 0; row < rows.rows(); ++row) queued.push_back({rows.integer(row, 0), fact_of(rows, row)});
  return queued;
}

std::size_t Decisions::store_queued() {
  std::size_t stored = 0;
  for (Queued queued = next(0); !queued.empty(); queued = next(queued.back().id)) stored += store(queued);
  return stored;
}

// The marks and the conversions are one transaction; the marks wait for and then see those of another ingestor.
std::size_t Decisions::store(const Queued& queued) {
  Params marks;
  marks.array(oid::kInt8Array, oid::kInt8, queued, [](BinaryWriter& out, const Decided& one) { out.int8(one.id); });
  Batch batch;
  for (const Decided& one : queued) batch.decisions.push_back(one.fact);
  try {
    writer_.write(batch, [&](Connection& connection, std::int64_t) {
      const auto marked = connection.execute(kMarkDone, marks).affected();
      if (marked != static_cast<int>(queued.size())) throw TakenByAnother();
    });
    return queued.size();
  } catch (const TakenByAnother&) {
    return 0;  // what it left is still queued
  } catch (const PostgresError& error) {
    if (error.failure() != PostgresFailure::data) throw;
    return store_each(queued, error.what());
  }
}

// One that PostgreSQL refuses holds up no other.
std::size_t Decisions::store_each(const Queued& queued, const std::string& problem) {
  if (queued.size() == 1) {
    connection_.execute(kMarkFailed, Params().int8(queued.front().id).text(problem));
    return 0;
  }
  std::size_t stored = 0;
  for (const Decided& one : queued) stored += store({one});
  return stored;
}

}  // namespace tributary::ingest
