#include "ingestor/store/progress.h"

#include <chrono>
#include <thread>

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
    owner_name = $2, updated_at = now(), finished_at = NULL
  WHERE journal = $1
  RETURNING number, next_position)sql";

constexpr const char* kAdvance = R"sql(
  UPDATE events.journals SET next_position = $3, updated_at = now()
  WHERE number = $1 AND next_position = $2 AND owner_pid = pg_backend_pid()
    AND owner_started = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()))sql";

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

Claim claim_journal(Connection& connection, const JournalInfo& info, const std::string& owner_name) {
  terminate_stale_owner(connection, info.id);  // first: every statement on the row would wait for it
  connection.execute(
      "INSERT INTO events.journals (journal, edge, slot) VALUES ($1, $2, $3) ON CONFLICT (journal) DO NOTHING",
      Params().uuid(info.id).int4(static_cast<std::int32_t>(info.edge)).int4(static_cast<std::int32_t>(info.slot)));
  const QueryResult row = connection.execute(kTakeOwnership, Params().uuid(info.id).text(owner_name));
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

void finish_journal(Connection& connection, std::uint32_t number) {
  connection.execute("UPDATE events.journals SET finished_at = now() WHERE number = $1",
                     Params().int4(static_cast<std::int32_t>(number)));
}

}  // namespace tributary::ingest
