#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "admin-api/db/pool.h"
#include "admin-api/health/health_state.h"

// config.destinations and config.destination_health as the checker needs them, events.health_checks as it writes them.
namespace tributary::admin {

struct HealthTarget {
  int destination = 0;
  std::string url;  // template
  std::string method;
  int expected_from = 0;
  int expected_to = 0;  // inclusive
  std::chrono::milliseconds timeout{0};
  std::chrono::seconds interval{0};
  HealthRules rules;
  bool monitored = false;  // else somebody asked for this one check
};

struct CheckResult {
  bool passed = false;
  long status = 0;
  std::chrono::milliseconds took{0};
  std::string error;  // empty when passed
};

// What should be checked now: those somebody asked for, then those that are due, the longest overdue first.
std::vector<HealthTarget> read_due_targets(ConnectionPool& pool, int limit);

// Stores one check and what follows from it, in one transaction. The health of a destination without regular checks
// does not change. True when it did.
bool store_check(ConnectionPool& pool, const HealthTarget& target, const CheckResult& result,
                 std::chrono::milliseconds next_in);

void drop_old_checks(ConnectionPool& pool, int keep_days);

}  // namespace tributary::admin
