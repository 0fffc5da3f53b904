#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "admin-api/db/pool.h"
#include "platform/net/address_guard.h"

namespace tributary {
class PrometheusWriter;
}

namespace tributary::admin {

struct HealthOptions {
  ConnectOptions connect;  // of the lock
  AddressGuard guard;
  unsigned concurrency = 32;
  unsigned per_host = 2;
  int history_days = 90;
  std::chrono::milliseconds look_interval{1'000};
};

struct HealthCounters {
  std::atomic<std::uint64_t> passed{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> changes{0};
  std::atomic<std::uint64_t> not_stored{0};
  std::atomic<std::uint64_t> running{0};
  std::atomic<bool> active{false};  // this process holds the lock
};

// Asks destinations whether they answer, on one thread of its own. All state is in PostgreSQL: what is due, what is
// known, who may check. While PostgreSQL is away nothing is checked and everybody keeps what was known.
class HealthChecker {
 public:
  // The pool must outlive it. `on_change` is called on its thread when a destination went down or came back.
  HealthChecker(ConnectionPool& pool, HealthOptions options, std::function<void()> on_change);
  ~HealthChecker();  // stops
  HealthChecker(const HealthChecker&) = delete;
  HealthChecker& operator=(const HealthChecker&) = delete;

  void start();
  void stop() noexcept;
  void notify() noexcept;  // somebody asked for a check; from any thread

  void add_metrics(PrometheusWriter& out) const;

 private:
  class Work;
  ConnectionPool& pool_;
  const HealthOptions options_;
  const std::function<void()> on_change_;
  HealthCounters counters_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> asked_{false};
  std::unique_ptr<Work> work_;
  std::thread thread_;
};

}  // namespace tributary::admin
