#include "ingestor/run/decisions.h"

namespace tributary::ingest {
namespace {

// The conversion says what the fold does not decide.
constexpr const char* kSelect = R"sql(
  SELECT d.id, d.key_owner, d.key_kind, d.key_event, d.key_subject, (extract(epoch FROM d.requested_at) * 1000000)::bigint,
    d.status, d.by_rule, coalesce(d.requested_by, '00000000-0000-0000-0000-000000000000'), coalesce(d.note, ''),
    c.network, c.affiliate, coalesce(c.transaction, ''), c.event
  FROM events.conversion_decisions d
  JOIN events.conversions c USING (key_owner, key_kind, key_event, key_subject)
  WHERE d.state = 'queued' AND d.id > $1
  ORDER BY d.id
  LIMIT 200)sql";

constexpr const char* kMarkDone = R"sql(
  UPDATE events.conversion_decisions SET state = 'done', finished_at = now()
  WHERE id = ANY ($1::bigint[]) AND state = 'queued')sql";

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
  return fact;
}

}  // namespace

Decisions::Decisions(const IngestorSettings& settings)
    : connection_(settings.connection("decisions")), writer_(connection_, "decisions") {}

Decisions::Queued Decisions::next(std::int64_t after) {
  const QueryResult rows = connection_.execute(kSelect, Params().int8(after));
  Queued queued;
  for (int row = 0; row < rows.rows(); ++row) {
    queued.ids.push_back(rows.integer(row, 0));
    queued.facts.push_back(fact_of(rows, row));
  }
  return queued;
}

// The marks and the conversions are one transaction; the marks wait for and then see those of another ingestor.
std::size_t Decisions::store_queued() {
  std::size_t stored = 0;
  for (Queued queued = next(0); !queued.ids.empty(); queued = next(queued.ids.back())) {
    Params marks;
    marks.array(oid::kInt8Array, oid::kInt8, queued.ids, [](BinaryWriter& out, std::int64_t id) { out.int8(id); });
    Batch batch;
    batch.decisions = std::move(queued.facts);
    try {
      writer_.write(batch, [&](Connection& connection, std::int64_t) {
        const auto marked = connection.execute(kMarkDone, marks).affected();
        if (marked != static_cast<int>(queued.ids.size())) throw TakenByAnother();
      });
      stored += queued.ids.size();
    } catch (const TakenByAnother&) {
      continue;  // what it left is still queued
    }
  }
  return stored;
}

}  // namespace tributary::ingest
