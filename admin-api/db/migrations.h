#pragma once

#include <string>
#include <vector>

#include "platform/postgres/connection.h"

namespace tributary::admin {

struct Migration {
  int number = 0;
  std::string name;  // 0007_partitions
  std::string sql;
  std::string sha256;  // hexadecimal, of the file
  bool applied = false;
};

// NNNN_name.sql of the directory in order. Throws std::runtime_error for a gap, a repeated number or no file at all.
std::vector<Migration> read_migrations(const std::string& directory);

// Marks what the database has. Throws std::runtime_error, with both sides, when an applied file was changed or is
// missing from the directory (the database is newer than this program).
void compare_with_database(Connection& connection, std::vector<Migration>& migrations);

// Applies what is missing: one transaction each, all under one advisory lock. Returns how many.
int apply_migrations(Connection& connection, const std::string& directory);

// For a service at its start: throws std::runtime_error unless the database has exactly these migrations.
void require_current_schema(Connection& connection, const std::string& directory);

}  // namespace tributary::admin
