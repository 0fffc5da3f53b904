#include "admin-api/snapshot/compiler.h"

#include "admin-api/snapshot/read_model.h"
#include "admin-api/text/hash.h"
#include "core/url/url_template.h"

namespace tributary::admin {
namespace {

// What the compiler judges by the clock of the generation, and has changed since.
constexpr const char* kAdvanceForTime = R"sql(
SELECT config.advance_generation()
FROM config.generation AS g
WHERE EXISTS (SELECT FROM config.campaigns AS c
              WHERE c.state = 'active'
                AND (c.starts_at > g.changed_at AND c.starts_at <= now()
                     OR c.ends_at > g.changed_at AND c.ends_at <= now()))
   OR EXISTS (SELECT FROM config.network_secrets AS s
              WHERE s.expires_at > g.changed_at AND s.expires_at <= now())
   OR EXISTS (SELECT FROM config.partner_secrets AS s
              WHERE s.expires_at > g.changed_at AND s.expires_at <= now()))sql";

// The API refuses such a URL; somebody may have written it into PostgreSQL. It is the last resort of everybody, but no
// reason to hold up the changes of everybody.
void leave_out_bad_trafficback(model::Snapshot& snapshot, std::vector<BuildProblem>& problems) {
  if (snapshot.trafficback.empty()) return;
  const auto compiled = compile_template(snapshot.trafficback);
  if (compiled) return;
  problems.push_back({"settings", "trafficback", std::string(compiled.error().reason) + "; published without it"});
  snapshot.trafficback.clear();
}

}  // namespace

Generation read_generation(ConnectionPool& pool) {
  ScopedTransaction transaction(pool, kSystemScope, TransactionKind::read_only);
  const auto row = transaction.execute("SELECT epoch, counter FROM config.generation");
  return {static_cast<std::uint16_t>(row.integer(0, 0)), static_cast<std::uint64_t>(row.integer(0, 1))};
}

Compiled compile_snapshot(ConnectionPool& pool) {
  model::Snapshot snapshot;
  {
    ScopedTransaction transaction(pool, kSystemScope, TransactionKind::snapshot);
    snapshot = read_model(transaction);
  }
  Compiled compiled{snapshot.generation, snapshot.created_ms, nullptr, {}, {}};
  leave_out_bad_trafficback(snapshot, compiled.problems);
  auto built = build_snapshot(snapshot);
  if (!built) {
    compiled.problems.insert(compiled.problems.end(), built.error().begin(), built.error().end());
    return compiled;
  }
  compiled.sha256 = sha256({reinterpret_cast<const char*>(built->data()), built->size()});
  compiled.bytes = std::make_shared<const std::vector<std::uint8_t>>(std::move(*built));
  return compiled;
}

bool advance_for_time(ConnectionPool& pool) {
  ScopedTransaction transaction(pool, kSystemScope);
  const bool advanced = transaction.execute(kAdvanceForTime).rows() > 0;
  transaction.commit();
  return advanced;
}

}  // namespace tributary::admin
