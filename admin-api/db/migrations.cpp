#include "admin-api/db/migrations.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "admin-api/text/hash.h"
#include "core/base/whole_file.h"
#include "platform/log/log.h"
#include "platform/postgres/transaction.h"

namespace tributary::admin {
namespace {

constexpr const char* kLock = "SELECT pg_advisory_lock(hashtext('tributary.migrate'))";
constexpr const char* kUnlock = "SELECT pg_advisory_unlock(hashtext('tributary.migrate'))";

constexpr const char* kCreateTable = R"sql(
CREATE SCHEMA IF NOT EXISTS config;
CREATE TABLE IF NOT EXISTS config.schema_migrations (
  number     integer PRIMARY KEY,
  name       text NOT NULL,
  sha256     text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE config.schema_migrations IS 'which files of schema/migrations this database has, with their checksums';
)sql";

Migration read_migration(const std::filesystem::path& path) {
  Migration migration;
  migration.name = path.stem().string();
  const auto* begin = migration.name.data();
  const auto [end, error] = std::from_chars(begin, begin + migration.name.size(), migration.number);
  if (error != std::errc{} || end - begin != 4 || *end != '_') {
    throw std::runtime_error(path.string() + ": a migration is named NNNN_name.sql");
  }
  auto sql = read_whole_file(path.string());
  if (!sql) throw std::runtime_error("cannot read " + path.string());
  migration.sql = *std::move(sql);
  migration.sha256 = hex(sha256(migration.sql));
  return migration;
}

bool table_exists(Connection& connection) {
  return !connection.execute("SELECT to_regclass('config.schema_migrations')").is_null(0, 0);
}

void apply(Connection& connection, const Migration& migration) {
  log::info("applying migration", {{"name", migration.name}});
  Transaction transaction(connection);
  try {
    connection.run_script(migration.sql);
    // The script may have taken the owner's role; what follows is the migrator's own.
    connection.execute("RESET ROLE");
    connection.execute("INSERT INTO config.schema_migrations (number, name, sha256) VALUES ($1, $2, $3)",
                       Params().int4(migration.number).text(migration.name).text(migration.sha256));
  } catch (const PostgresError& error) {
    throw std::runtime_error("migration " + migration.name + " failed and was rolled back: " + error.what());
  }
  transaction.commit();
}

}  // namespace

std::vector<Migration> read_migrations(const std::string& directory) {
  std::vector<Migration> migrations;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".sql") migrations.push_back(read_migration(entry.path()));
  }
  if (migrations.empty()) throw std::runtime_error("no migrations in " + directory + " (setting schema_path)");
  std::sort(migrations.begin(), migrations.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].number != static_cast<int>(i) + 1) {
      throw std::runtime_error("migrations are numbered without gaps from 0001; see " + migrations[i].name);
    }
  }
  return migrations;
}

void compare_with_database(Connection& connection, std::vector<Migration>& migrations) {
  if (!table_exists(connection)) return;
  const auto rows = connection.execute("SELECT number, name, sha256 FROM config.schema_migrations ORDER BY number");
  for (int row = 0; row < rows.rows(); ++row) {
    const auto index = static_cast<std::size_t>(rows.integer(row, 0)) - 1;
    const std::string name(rows.text(row, 1));
    if (index >= migrations.size()) {
      throw std::runtime_error("the database has migration " + name +
                               ", which this program does not know: install the newer version");
    }
    if (migrations[index].sha256 != rows.text(row, 2)) {
      throw std::runtime_error("migration " + name + " was changed after it was applied: database has sha256 " +
                               std::string(rows.text(row, 2)) + ", the file has " + migrations[index].sha256);
    }
    migrations[index].applied = true;
  }
}

int apply_migrations(Connection& connection, const std::string& directory) {
  auto migrations = read_migrations(directory);
  connection.execute(kLock);
  if (!table_exists(connection)) connection.run_script(kCreateTable);
  compare_with_database(connection, migrations);
  int applied = 0;
  for (const auto& migration : migrations) {
    if (migration.applied) continue;
    apply(connection, migration);
    ++applied;
  }
  connection.execute(kUnlock);
  return applied;
}

void require_current_schema(Connection& connection, const std::string& directory) {
  auto migrations = read_migrations(directory);
  compare_with_database(connection, migrations);
  const auto missing = std::count_if(migrations.begin(), migrations.end(), [](const auto& m) { return !m.applied; });
  if (missing > 0) {
    throw std::runtime_error("the database lacks " + std::to_string(missing) + " of " +
                             std::to_string(migrations.size()) + " migrations: run tributary-admin migrate");
  }
}

}  // namespace tributary::admin
