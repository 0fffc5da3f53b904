#include "admin-api/snapshot/edge_registry.h"

#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "admin-api/db/scoped_transaction.h"
#include "admin-api/json/strict_json.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr const char* kRecordAnswer = R"sql(
INSERT INTO config.edge_state AS s (number, pushed_epoch, pushed_counter, pushed_at, acknowledged_epoch,
  acknowledged_counter, acknowledged_at, format_min, format_max, workers, last_seen_at)
SELECT e.number, $2, $3, now(), CASE WHEN $4 THEN $2 END, CASE WHEN $4 THEN $3 END, CASE WHEN $4 THEN now() END,
       $5, $6, $7::text::jsonb, now()
FROM config.edges AS e WHERE e.number = $1
ON CONFLICT (number) DO UPDATE SET
  pushed_epoch = excluded.pushed_epoch,
  pushed_counter = excluded.pushed_counter,
  pushed_at = CASE WHEN (s.pushed_epoch, s.pushed_counter) IS DISTINCT FROM (excluded.pushed_epoch, excluded.pushed_counter)
                   THEN now() ELSE s.pushed_at END,
  acknowledged_epoch = coalesce(excluded.acknowledged_epoch, s.acknowledged_epoch),
  acknowledged_counter = coalesce(excluded.acknowledged_counter, s.acknowledged_counter),
  acknowledged_at = CASE WHEN (s.acknowledged_epoch, s.acknowledged_counter)
                              IS DISTINCT FROM (excluded.acknowledged_epoch, excluded.acknowledged_counter)
                         THEN coalesce(excluded.acknowledged_at, s.acknowledged_at) ELSE s.acknowledged_at END,
  format_min = excluded.format_min,
  format_max = excluded.format_max,
  workers = excluded.workers,
  last_seen_at = now(),
  failures = CASE WHEN $4 THEN 0 ELSE s.failures END,
  last_error = CASE WHEN $4 THEN NULL ELSE s.last_error END,
  last_error_at = CASE WHEN $4 THEN NULL ELSE s.last_error_at END)sql";

constexpr const char* kRecordFailure = R"sql(
INSERT INTO config.edge_state AS s (number, failures, last_error, last_error_at)
SELECT e.number, 1, left($2, 500), now() FROM config.edges AS e WHERE e.number = $1
ON CONFLICT (number) DO UPDATE SET
  failures = s.failures + 1, last_error = excluded.last_error, last_error_at = now())sql";

}  // namespace

std::vector<EdgeRecord> read_edges(ConnectionPool& pool) {
  ScopedTransaction transaction(pool, kSystemScope, TransactionKind::read_only);
  const auto rows =
      transaction.execute("SELECT number, name, push_url FROM config.edges WHERE state = 'active' ORDER BY number");
  std::vector<EdgeRecord> edges;
  for (int row = 0; row < rows.rows(); ++row) {
    edges.push_back(
        {static_cast<int>(rows.integer(row, 0)), std::string(rows.text(row, 1)), std::string(rows.text(row, 2))});
  }
  return edges;
}

EdgeReport read_edge_report(const std::string& body) {
  try {
    const auto document = parse_strict(body);
    const auto& answer = document.as_object();
    const auto& formats = answer.at("formats").as_object();
    EdgeReport report;
    report.number = static_cast<int>(answer.at("number").as_int64());
    report.name = std::string(answer.at("edge").as_string());
    report.generation.epoch = static_cast<std::uint16_t>(answer.at("epoch").as_int64());
    report.generation.counter = static_cast<std::uint64_t>(answer.at("counter").as_int64());
    report.created_ms = static_cast<std::uint64_t>(answer.at("created_ms").as_int64());
    report.acknowledged = answer.at("acknowledged").as_bool();
    report.format_min = static_cast<int>(formats.at("min").as_int64());
    report.format_max = static_cast<int>(formats.at("max").as_int64());
    report.workers = json::serialize(answer.at("workers"));
    return report;
  } catch (const std::exception&) {
    throw std::runtime_error("the answer is not that of a location with tributary_config");
  }
}

void record_answer(ConnectionPool& pool, const EdgeRecord& edge, const EdgeReport& report) {
  ScopedTransaction transaction(pool, kSystemScope);
  transaction.execute(kRecordAnswer, Params()
                                         .int4(edge.number)
                                         .int4(report.generation.epoch)
                                         .int8(static_cast<std::int64_t>(report.generation.counter))
                                         .boolean(report.acknowledged)
                                         .int4(report.format_min)
                                         .int4(report.format_max)
                                         .text(report.workers));
  transaction.commit();
}

void record_failure(ConnectionPool& pool, const EdgeRecord& edge, const std::string& why) {
  ScopedTransaction transaction(pool, kSystemScope);
  transaction.execute(kRecordFailure, Params().int4(edge.number).text(why));
  transaction.commit();
}

}  // namespace tributary::admin
