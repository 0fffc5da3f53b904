#include "ingestor/store/progress.h"

#include <chrono>
#include <thread>

#include "core/journal/names.h"
#include "platform/log/log.h"

namespace tributary::ingest {
namespace {

constexpr auto kTerminationDeadline = std::chrono::seconds(10);
constexpr auto kTerminationPoll = std::chrono::milliseconds(20);

constexpr const char* kStaleOwner = R"sql(
  SELECT j.owner_pid
  FROM events.journals j
  JOIN pg_stat_activity a ON a.pid = j.owner_pid AND a.backend_start = j.owner_started
  WHERE j.journal = $1 AND j.owner_pid <> pg_backend_pid())sql";

constexpr const char* kTakeOwnership = R"sql(
  UPDATE events.journals SET
    owner_pid = pg_backend_pid(),
    owner_started = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()),
    owner_name = $2, directory = $3, updated_at = now(), finished_at = NULL
  WHERE journal = $1
  RETURNING number, next_position)sql";

constexpr const char* kAdvance = R"sql(
  UPDATE events.journals SET next_position = $3, updated_at = now()
  WHERE number = $1 AND next_position = $2 AND owner_pid = pg_backend_pid()
    AND owner_started = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()))sql";

constexpr const char* kFinish =
    "UPDATE events.journals SET finished_at = now() WHERE number = $1 AND next_position = $2";

constexpr const char* kUnfinished =
    "SELECT journal, number FROM events.journals WHERE directory = $1 AND finished_at IS NULL";

// A journal without a record leaves no file, so at position 0 nothing is known to be lost.
constexpr const char* kVanished = R"sql(
  WITH vanished AS (
    UPDATE events.journals SET finished_at = now() WHERE number = $1 AND finished_at IS NULL
    RETURNING number, next_position
  )
  INSERT INTO events.incidents (kind, journal, from_position, detail)
  SELECT 'gap', number, next_position, 'its files are gone; how much was in them is not known'
  FROM vanished WHERE next_position > 0)sql";

void terminate_stale_owner(Connection& connection, const JournalId& journal) {
  const auto deadline = std::chrono::steady_clock::now() + kTerminationDeadline;
  for (;;) {
    const QueryResult owner = connection.execute(kStaleOwner, Params().uuid(journal));
    if (owner.rows() == 0) return;
    const auto pid = static_cast<std::int32_t>(owner.integer(0, 0));
    log::warning("terminating the stale owner of a journal", {{"backend", pid}});
    connection.execute("SELECT pg_terminate_backend($1)", Params().int4(pid));
    if (std::chrono::steady_clock::now() > deadline) {
      throw Fenced("backend " + std::to_string(pid) + " owns a journal and does not end");
    }
    std::this_thread::sleep_for(kTerminationPoll);
  }
}

}  // namespace

Claim claim_journal(Connection& connection, const JournalInfo& info, const std::string& owner_name,
                    const std::optional<DirectoryId>& directory) {
  terminate_stale_owner(connection, info.id);  // first: every statement on the row would wait for it
  connection.execute(
      "INSERT INTO events.journals (journal, edge, slot) VALUES ($1, $2, $3) ON CONFLICT (journal) DO NOTHING",
      Params().uuid(info.id).int4(static_cast<std::int32_t>(info.edge)).int4(static_cast<std::int32_t>(info.slot)));
  Params owner;
  owner.uuid(info.id).text(owner_name);
  directory ? owner.uuid(*directory) : owner.null();
  const QueryResult row = connection.execute(kTakeOwnership, owner);
  Claim claim;
  claim.journal = {info.id, static_cast<std::uint32_t>(row.integer(0, 0))};
  claim.next = static_cast<Position>(row.integer(0, 1));
  return claim;
}

void advance_journal(Connection& connection, const Advance& advance) {
  const QueryResult moved = connection.execute(kAdvance, Params()
                                                             .int4(static_cast<std::int32_t>(advance.journal.number))
                                                             .int8(static_cast<std::int64_t>(advance.from))
                                                             .int8(static_cast<std::int64_t>(advance.next)));
  if (moved.affected() == 1) return;
  throw Fenced("the progress of journal " + std::to_string(advance.journal.number) + " is not at " +
               std::to_string(advance.from) + " or has another owner");
}

bool finish_journal(Connection& connection, std::uint32_t number, Position end) {
  Params params;
  params.int4(static_cast<std::int32_t>(number)).int8(static_cast<std::int64_t>(end));
  return connection.execute(kFinish, params).affected() == 1;
}

std::map<JournalId, std::uint32_t> unfinished_journals(Connection& connection, const DirectoryId& directory) {
  const QueryResult rows = connection.execute(kUnfinished, Params().uuid(directory));
  std::map<JournalId, std::uint32_t> journals;
  for (int row = 0; row < rows.rows(); ++row) {
    if (const auto id = parse_journal_id(rows.text(row, 0))) {
      journals.emplace(*id, static_cast<std::uint32_t>(rows.integer(row, 1)));
    }
  }
  return journals;
}

bool report_vanished(Connection& connection, std::uint32_t number) {
  return connection.execute(kVanished, Params().int4(static_cast<std::int32_t>(number))).affected() == 1;
}

}  // namespace tributary::ingest
