#include "ingestor/run/postback_redrive.h"

#include "core/base/clock.h"
#include "ingestor/batch/batch_builder.h"

namespace tributary::ingest {
namespace {

constexpr const char* kSelect = R"sql(
  SELECT id, journal, position, event FROM events.postback_redrives
  WHERE state = 'queued' AND event IS NOT NULL AND id > $1
  ORDER BY id
  LIMIT 200)sql";

constexpr const char* kMarkDone = R"sql(
  UPDATE events.postback_redrives SET state = 'done', finished_at = now(), last_error = NULL
  WHERE id = ANY ($1::bigint[]) AND state = 'queued')sql";

constexpr const char* kMarkFailed = R"sql(
  UPDATE events.postback_redrives SET state = 'failed', finished_at = now(), last_error = $2
  WHERE id = $1 AND state = 'queued')sql";

class TakenByAnother {};

}  // namespace

PostbackRedrive::PostbackRedrive(const IngestorSettings& settings)
    : clock_(clock_limits(wall_clock_ms(), settings.retention_days)),
      connection_(settings.connection("postback redrive")),
      owners_(settings.connection("postback redrive owners")),
      enricher_(settings.enricher()),
      writer_(connection_, "postback redrive") {}

PostbackRedrive::Done PostbackRedrive::store_queued() {
  Done done;
  for (Chunk chunk = next_chunk(0); !chunk.empty(); chunk = next_chunk(chunk.back().id)) store(chunk, done);
  return done;
}

PostbackRedrive::Chunk PostbackRedrive::next_chunk(std::int64_t after) {
  const QueryResult rows = connection_.execute(kSelect, Params().int8(after));
  Chunk chunk;
  for (int row = 0; row < rows.rows(); ++row) {
    chunk.push_back(
        {rows.integer(row, 0),
         {static_cast<std::uint32_t>(rows.integer(row, 1)), static_cast<std::uint64_t>(rows.integer(row, 2))},
         rows.bytes(row, 3)});
  }
  return chunk;
}

// The marks and the conversions are one transaction; the marks wait for and then see those of a second redrive.
void PostbackRedrive::store(const Chunk& chunk, Done& done) {
  BatchBuilder builder(owners_, enricher_, clock_);
  std::vector<std::int64_t> ids;
  for (const Queued& queued : chunk) {
    const std::string problem = builder.add_redriven(queued.event, queued.identity);
    if (problem.empty()) {
      ids.push_back(queued.id);
    } else {
      fail(queued.id, problem, done);
    }
  }
  if (ids.empty()) return;
  Params marks;
  marks.array(oid::kInt8Array, oid::kInt8, ids, [](BinaryWriter& out, std::int64_t id) { out.int8(id); });
  try {
    writer_.write(*builder.take(), [&](Connection& connection, std::int64_t) {
      if (connection.execute(kMarkDone, marks).affected() != static_cast<int>(ids.size())) throw TakenByAnother();
    });
    done.stored += ids.size();
  } catch (const TakenByAnother&) {
    return;  // what it left is still queued
  } catch (const PostgresError& error) {
    if (error.failure() != PostgresFailure::data) throw;
    if (chunk.size() == 1) return fail(chunk.front().id, error.what(), done);
    for (const Queued& queued : chunk) store({queued}, done);
  }
}

void PostbackRedrive::fail(std::int64_t id, const std::string& problem, Done& done) {
  done.refused += connection_.execute(kMarkFailed, Params().int8(id).text(problem)).affected() == 1 ? 1 : 0;
}

}  // namespace tributary::ingest
