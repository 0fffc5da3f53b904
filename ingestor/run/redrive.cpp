#include "ingestor/run/redrive.h"

#include <memory>

#include "core/base/clock.h"
#include "ingestor/batch/batch_builder.h"
#include "platform/postgres/transaction.h"

namespace tributary::ingest {
namespace {

// Of the error that is tried, and the lock that keeps a second redrive away from it until the end of the transaction.
constexpr const char* kSelect = R"sql(
  SELECT id FROM events.ingestion_errors
  WHERE state IN ('open', 'queued') AND kind <> 'damaged'
    AND ($1 OR id = $2 OR ($3 <> '' AND reason = $3))
  ORDER BY id)sql";

constexpr const char* kRead = R"sql(
  SELECT journal, position, next_position, bytes, kind FROM events.ingestion_errors
  WHERE id = $1 AND state IN ('open', 'queued'))sql";

constexpr const char* kMarkStored = R"sql(
  UPDATE events.ingestion_errors SET
    state = 'redriven', attempts = attempts + 1, redriven_at = now(), redriven_batch = $2, last_error = NULL
  WHERE id = $1 AND state IN ('open', 'queued'))sql";

constexpr const char* kMarkFailed = R"sql(
  UPDATE events.ingestion_errors SET state = 'open', attempts = attempts + 1, last_error = $2
  WHERE id = $1 AND state IN ('open', 'queued'))sql";

// Its row is still there, and waits again.
constexpr const char* kWaitAgain = R"sql(
  UPDATE events.waiting_postbacks SET state = 'waiting', failures = 0, next_attempt_at = now()
  WHERE journal = $1 AND position = $2 AND state = 'refused')sql";

constexpr const char* kMarkWaiting = R"sql(
  UPDATE events.ingestion_errors SET
    state = 'redriven', attempts = attempts + 1, redriven_at = now(), last_error = NULL
  WHERE id = $1 AND state IN ('open', 'queued'))sql";

class TakenByAnother {};

}  // namespace

Redrive::Redrive(const IngestorSettings& settings)
    : clock_(clock_limits(wall_clock_ms(), settings.retention_days)),
      connection_(settings.connection("redrive")),
      owners_(settings.connection("redrive owners")),
      enricher_(settings.enricher()),
      writer_(connection_, "redrive") {}

std::vector<std::int64_t> Redrive::select(const RedriveSelection& selection) {
  const QueryResult rows =
      connection_.execute(kSelect, Params().boolean(selection.all).int8(selection.id).text(selection.reason));
  std::vector<std::int64_t> ids;
  for (int row = 0; row < rows.rows(); ++row) ids.push_back(rows.integer(row, 0));
  return ids;
}

std::string Redrive::store(std::int64_t id) {
  std::string problem = try_to_store(id);
  if (!problem.empty()) connection_.execute(kMarkFailed, Params().int8(id).text(problem));
  return problem;
}

std::string Redrive::try_to_store(std::int64_t id) {
  const QueryResult row = connection_.execute(kRead, Params().int8(id));
  if (row.rows() == 0) return {};  // somebody else did it meanwhile
  if (row.text(0, 4) == "waiting_postback") return let_wait_again(row, id);
  const std::string bytes = row.bytes(0, 3);
  const JournalItem item{JournalItem::Kind::record, static_cast<Position>(row.integer(0, 1)),
                         static_cast<Position>(row.integer(0, 2)), bytes};
  BatchBuilder builder(owners_, enricher_, clock_);
  builder.add({{}, static_cast<std::uint32_t>(row.integer(0, 0))}, item);
  const auto batch = builder.take();
  batch->advances.clear();  // its journal has moved past it long ago
  batch->journal_bytes = 0;
  if (!batch->dead_letters.empty()) {
    return batch->dead_letters.front().reason + ": " + batch->dead_letters.front().detail;
  }
  return write(*batch, id);
}

std::string Redrive::let_wait_again(const QueryResult& row, std::int64_t id) {
  Transaction transaction(connection_);
  const auto journal = static_cast<std::int32_t>(row.integer(0, 0));
  const bool waits = connection_.execute(kWaitAgain, Params().int4(journal).int8(row.integer(0, 1))).affected() == 1;
  if (!waits) return "the postback does not wait any more";
  connection_.execute(kMarkWaiting, Params().int8(id));
  transaction.commit();
  return {};
}

// The mark and the row are one transaction; the mark waits for and then sees that of a second redrive.
std::string Redrive::write(Batch& batch, std::int64_t id) {
  try {
    writer_.write(batch, [&](Connection& connection, std::int64_t number) {
      if (connection.execute(kMarkStored, Params().int8(id).int8(number)).affected() != 1) throw TakenByAnother();
    });
  } catch (const TakenByAnother&) {
    return {};
  } catch (const PostgresError& error) {
    if (error.failure() != PostgresFailure::data) throw;
    return error.what();
  }
  return {};
}

}  // namespace tributary::ingest
