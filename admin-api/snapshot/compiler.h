#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "admin-api/db/pool.h"
#include "core/base/generation.h"
#include "core/snapshot/snapshot_builder.h"

namespace tributary::admin {

// One generation of the configuration, or the reasons why it cannot be compiled.
struct Compiled {
  Generation generation;
  std::uint64_t created_ms = 0;
  // Shared with the requests that still send it while a newer one is compiled. Empty pointer when it cannot be
  // compiled.
  std::shared_ptr<const std::vector<std::uint8_t>> bytes;
  std::string sha256;                  // 32 bytes
  std::vector<BuildProblem> problems;  // where there are bytes: of what was left out
};

// The generation of the last commit.
Generation read_generation(ConnectionPool& pool);

// Reads the generation and all tables in one REPEATABLE READ transaction and compiles them. Compiling a generation
// again gives the same bytes: time comes from its row, rows come in the order of their ids.
Compiled compile_snapshot(ConnectionPool& pool);

// A campaign begins or ends, or a secret expires: what is compiled would differ now, so the generation moves. Returns
// whether it did.
bool advance_for_time(ConnectionPool& pool);

}  // namespace tributary::admin
