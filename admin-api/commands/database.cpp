#include <iomanip>
#include <iostream>

#include "admin-api/commands/commands.h"
#include "admin-api/db/migrations.h"
#include "admin-api/db/scoped_transaction.h"
#include "admin-api/runtime.h"

namespace tributary::admin {
namespace {

std::string migrations_path(const Settings& settings) {
  return settings.text("schema_path") + "/migrations";
}

constexpr const char* kEdges = R"sql(
SELECT e.number, e.name, coalesce(s.pushed_epoch || '-' || s.pushed_counter, '-'),
       coalesce((s.acknowledged_epoch, s.acknowledged_counter) = (g.epoch, g.counter), false),
       coalesce(s.last_error, '')
FROM config.edges AS e
CROSS JOIN config.generation AS g
LEFT JOIN config.edge_state AS s USING (number)
WHERE e.state <> 'deleted'
ORDER BY e.number)sql";

}  // namespace

int migrate(const Settings& settings, bool dry_run) {
  Connection connection(owner_options(settings));
  if (!dry_run) {
    const int applied = apply_migrations(connection, migrations_path(settings));
    std::cout << applied << " migrations applied\n";
    return 0;
  }
  auto migrations = read_migrations(migrations_path(settings));
  compare_with_database(connection, migrations);
  for (const auto& migration : migrations) {
    std::cout << (migration.applied ? "applied  " : "missing  ") << migration.name << "\n";
  }
  return 0;
}

// Everything `serve` needs, without serving: settings, keys, database, schema, specification.
int check(const Settings& settings) {
  Connection connection(connect_options(settings));
  require_current_schema(connection, migrations_path(settings));
  Runtime runtime(settings, Runtime::Purpose::serve);
  runtime.call("GET", "/ready");
  runtime.call("GET", "/api/v1/openapi.json");
  std::cout << "settings, keys, database and specification are good\n";
  return 0;
}

// Exit status 1 while an edge has not acknowledged the newest generation.
int status(const Settings& settings) {
  ConnectionPool pool(connect_options(settings), 1);
  ScopedTransaction transaction(pool, kSystemScope, TransactionKind::read_only);
  const auto generation = transaction.execute("SELECT epoch || '-' || counter FROM config.generation");
  const auto edges = transaction.execute(kEdges);
  std::cout << "generation " << generation.text(0, 0) << "\n";
  bool all = true;
  for (int row = 0; row < edges.rows(); ++row) {
    const bool acknowledged = edges.boolean(row, 3);
    all = all && acknowledged;
    std::cout << "edge " << std::setw(4) << edges.text(row, 0) << "  " << edges.text(row, 1) << "  "
              << edges.text(row, 2) << "  " << (acknowledged ? "acknowledged" : "behind") << "  " << edges.text(row, 4)
              << "\n";
  }
  return all ? 0 : 1;
}

int start_epoch(const Settings& settings) {
  ConnectionPool pool(connect_options(settings), 1);
  ScopedTransaction transaction(pool, kSystemScope);
  const auto row = transaction.execute("SELECT config.start_epoch()");
  transaction.commit();
  std::cout << "epoch " << row.text(0, 0) << " begins: edges will follow this database\n";
  return 0;
}

}  // namespace tributary::admin
