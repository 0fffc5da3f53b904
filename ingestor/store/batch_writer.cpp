#include "ingestor/store/batch_writer.h"

#include <algorithm>

#include "ingestor/store/conversion_store.h"
#include "ingestor/store/crash_point.h"
#include "ingestor/store/customer_events.h"
#include "ingestor/store/dead_letters.h"
#include "ingestor/store/external_clicks.h"
#include "ingestor/store/progress.h"
#include "ingestor/store/signed_calls.h"
#include "ingestor/store/waiting_postbacks.h"
#include "platform/postgres/copy_in.h"
#include "platform/postgres/transaction.h"

namespace tributary::ingest {
namespace {

constexpr const char* kInsertBatch = R"sql(
  INSERT INTO events.batches (ingestor, finished_at, clicks, trafficbacks, postbacks, conversions, errors, bytes,
    lander_clicks, customer_events)
  VALUES ($1, clock_timestamp(), $2, $3, $4, $5, $6, $7, $8, $9)
  RETURNING id)sql";

void copy_table(Connection& connection, const std::string& target, RowBuffer& rows, std::int64_t batch) {
  if (rows.rows() == 0) return;
  rows.set_batch(batch);
  CopyIn copy(connection, target);
  copy.write(rows.data());
  copy.finish();
}

std::int32_t count(std::size_t number) {
  return static_cast<std::int32_t>(number);
}

// A repeated call stays a row, with a label, and counts nowhere.
void count_external_clicks(Batch& batch, const std::vector<bool>& repeated) {
  for (std::size_t i = 0; i < repeated.size(); ++i) {
    const ExternalClick& external = batch.external_clicks[i];
    if (repeated[i]) {
      const auto labels = static_cast<std::int16_t>(external.labels | kLabelRepeated);
      batch.clicks.set_int2(external.row, kClickBytesBeforeLabels, labels);
      continue;
    }
    Click click;
    click.visit.labels = external.labels;
    click.tracking.cost_micros = external.cost_micros;
    click.tracking.currency = external.currency;
    batch.rollup.add_click(external.owner, external.time_us, click);
  }
}

// Rows are locked in the order of their numbers, whoever writes.
std::vector<Advance> in_order(std::vector<Advance> advances) {
  std::sort(advances.begin(), advances.end(),
            [](const Advance& a, const Advance& b) { return a.journal.number < b.journal.number; });
  return advances;
}

}  // namespace

BatchWriter::BatchWriter(Connection& connection, std::string name) : connection_(connection), name_(std::move(name)) {
  // The merge joins a few keys with a table of any size: only the index is right, whatever the statistics say.
  connection_.run_script(
      "SET synchronous_commit = on; SET enable_hashjoin = off;"
      " SET enable_mergejoin = off; SET enable_seqscan = off;");
}

void BatchWriter::write(Batch& batch, const Extra& extra) {
  partitions_.ensure(connection_, batch.days);
  crash_point("before_copy");
  Transaction transaction(connection_);
  try {
    const std::int64_t id = insert_batch(batch);
    count_external_clicks(batch, store_external_clicks(connection_, id, batch.external_clicks));
    drop_repeated_calls(connection_, batch);
    resolve_external_postbacks(connection_, std::move(batch.external_postbacks), batch.facts);
    copy_rows(batch, id);
    Settlement settlement(connection_);
    store_customer_events(connection_, id, batch.customer_events, settlement);
    crash_point("after_copy");
    for (const Advance& advance : in_order(batch.advances)) advance_journal(connection_, advance);
    merge_conversions(connection_, id, batch.facts, batch.rollup, settlement);
    decide_conversions(connection_, id, batch.decisions, batch.rollup, settlement);
    copy_rollup(batch, id);
    settlement.charge(id);
    settlement.settle();
    if (extra) extra(connection_, id);
  } catch (const PostgresError&) {
    partitions_.forget();  // perhaps somebody dropped one
    throw;
  }
  crash_point("before_commit");
  transaction.commit();
  crash_point("after_commit");
}

bool BatchWriter::store_waiting() {
  const auto due = due_waiting_postbacks(connection_);
  if (!due.empty()) store_waiting_or_refuse(due);
  return !due.empty();
}

// Which one is refused is found by trying each for itself.
void BatchWriter::store_waiting_or_refuse(const std::vector<RowIdentity>& due) {
  std::string reason;
  try {
    return store_waiting(due);
  } catch (const PostgresError& error) {
    if (error.failure() != PostgresFailure::data) throw;
    reason = error.what();
  } catch (const std::logic_error& error) {
    reason = error.what();
  }
  if (due.size() == 1) return refuse_waiting_postback(connection_, due.front(), reason);
  for (const RowIdentity& identity : due) store_waiting_or_refuse({identity});
}

void BatchWriter::store_waiting(const std::vector<RowIdentity>& due) {
  Transaction transaction(connection_);
  Batch batch;
  resolve_external_postbacks(connection_, take_waiting_postbacks(connection_, due), batch.facts);
  if (!batch.facts.empty()) {
    const std::int64_t id = insert_batch(batch);
    Settlement settlement(connection_);
    merge_conversions(connection_, id, batch.facts, batch.rollup, settlement);
    copy_rollup(batch, id);
    settlement.charge(id);
    settlement.settle();
  }
  transaction.commit();
}

std::int64_t BatchWriter::insert_batch(const Batch& batch) {
  const QueryResult row = connection_.execute(kInsertBatch, Params()
                                                                .text(name_)
                                                                .int4(count(batch.clicks.rows()))
                                                                .int4(count(batch.trafficbacks.rows()))
                                                                .int4(count(batch.postbacks.rows()))
                                                                .int4(count(batch.facts.size()))
                                                                .int4(count(batch.dead_letters.size()))
                                                                .int8(static_cast<std::int64_t>(batch.journal_bytes))
                                                                .int4(count(batch.lander_clicks.rows()))
                                                                .int4(count(batch.customer_events.size())));
  return row.integer(0, 0);
}

void BatchWriter::copy_rows(Batch& batch, std::int64_t id) {
  copy_table(connection_, click_table(), batch.clicks, id);
  copy_table(connection_, trafficback_table(), batch.trafficbacks, id);
  copy_table(connection_, lander_click_table(), batch.lander_clicks, id);
  copy_table(connection_, postback_table(), batch.postbacks, id);
  store_dead_letters(connection_, id, batch.dead_letters);
  store_incidents(connection_, batch.incidents);
}

void BatchWriter::copy_rollup(const Batch& batch, std::int64_t id) {
  BinaryWriter rows;
  if (batch.rollup.encode(id, rows) == 0) return;
  CopyIn copy(connection_, kRollupDelta);
  copy.write(rows.data());
  copy.finish();
}

}  // namespace tributary::ingest
