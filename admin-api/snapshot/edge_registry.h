#pragma once

#include <string>
#include <vector>

#include "admin-api/db/pool.h"
#include "core/base/generation.h"

// config.edges as the pusher needs it, and config.edge_state as it writes it.
namespace tributary::admin {

struct EdgeRecord {
  int number = 0;
  std::string name;
  std::string push_url;
  friend bool operator==(const EdgeRecord&, const EdgeRecord&) = default;
};

std::vector<EdgeRecord> read_edges(ConnectionPool& pool);

// What an edge answered to GET on its config location.
struct EdgeReport {
  int number = -1;
  std::string name;
  Generation generation;
  std::uint64_t created_ms = 0;  // of that generation; 0: not known
  bool acknowledged = false;
  int format_min = 0;
  int format_max = 0;
  std::string workers;  // JSON
};
// Throws std::runtime_error for an answer that is not one.
EdgeReport read_edge_report(const std::string& body);

void record_answer(ConnectionPool& pool, const EdgeRecord& edge, const EdgeReport& report);
void record_failure(ConnectionPool& pool, const EdgeRecord& edge, const std::string& why);

}  // namespace tributary::admin
