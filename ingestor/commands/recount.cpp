#include <cstdio>
#include <stdexcept>

#include "ingestor/commands/commands.h"
#include "platform/postgres/connection.h"
#include "platform/postgres/transaction.h"

namespace tributary::ingest {
namespace {

// One line per bucket, campaign, team and currency.
constexpr const char* kDifferences = R"sql(
  SELECT events.describe_facts(c, -1)
  FROM events.rollup_corrections(
    $1::date::timestamp AT TIME ZONE 'UTC', ($2::date + 1)::timestamp AT TIME ZONE 'UTC') AS c
  ORDER BY c.bucket, c.campaign, c.team, c.currency)sql";

constexpr const char* kRepair = R"sql(
  SELECT events.describe_facts(c, 1)
  FROM events.repair_rollups(
    $1::date::timestamp AT TIME ZONE 'UTC', ($2::date + 1)::timestamp AT TIME ZONE 'UTC') AS c
  ORDER BY c.bucket, c.campaign, c.team, c.currency)sql";

// The ledger is counted again as a whole: what a partner earns in a month depends on all of it.
constexpr const char* kLedgerDifferences = R"sql(
  SELECT format('ledger of partner %s: %s %s', partner, trim_scale(-sum(amount)), currency)
  FROM events.ledger_check()
  GROUP BY partner, currency
  ORDER BY partner, currency)sql";

// A day whose raw partitions were dropped by the retention looks as if all of its rollup were wrong. Asked after the
// count: a partition that was dropped before or meanwhile is known by now.
void refuse_dropped_days(Connection& connection, const std::string& from_day) {
  const QueryResult rows = connection.execute(
      "SELECT dropped_before FROM events.retention WHERE dropped_before > $1::date", Params().untyped(from_day));
  if (rows.rows() == 0) return;
  throw std::runtime_error("the raw rows of days before " + std::string(rows.text(0, 0)) +
                           " were dropped by the retention: begin with --from " + std::string(rows.text(0, 0)));
}

void print_lines(const QueryResult& rows) {
  for (int row = 0; row < rows.rows(); ++row) std::printf("%s\n", std::string(rows.text(row, 0)).c_str());
}

int print_lines(const QueryResult& rows, const RecountSelection& selection, const char* what) {
  print_lines(rows);
  std::printf("%s to %s: %d %s\n", selection.from_day.c_str(), selection.to_day.c_str(), rows.rows(), what);
  return rows.rows();
}

}  // namespace

int recount_command(const IngestorSettings& settings, const RecountSelection& selection) {
  Connection connection(settings.connection("recount"));
  Params days;
  days.untyped(selection.from_day).untyped(selection.to_day);
  if (!selection.repair) {
    const QueryResult differences = connection.execute(kDifferences, days);
    refuse_dropped_days(connection, selection.from_day);
    const QueryResult ledger = connection.execute(kLedgerDifferences);
    print_lines(ledger);
    std::printf("ledger: %d differences, booked minus earned\n", ledger.rows());
    return print_lines(differences, selection, "differences, rollup minus raw") + ledger.rows() == 0 ? 0 : 1;
  }
  Transaction transaction(connection, "BEGIN ISOLATION LEVEL READ COMMITTED");
  const QueryResult added = connection.execute(kRepair, days);
  refuse_dropped_days(connection, selection.from_day);
  const std::int64_t booked = connection.execute("SELECT events.repair_ledger()").integer(0, 0);
  transaction.commit();
  std::printf("ledger: %lld rows booked\n", static_cast<long long>(booked));
  print_lines(added, selection, "corrections, added to the rollup");
  return 0;
}

}  // namespace tributary::ingest
