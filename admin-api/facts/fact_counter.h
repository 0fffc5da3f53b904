#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "admin-api/db/pool.h"

namespace tributary {
class PrometheusWriter;
}

namespace tributary::admin {

struct FactOptions {
  std::chrono::milliseconds caps_interval{1'000};     // caps on conversions, payout and revenue
  std::chrono::milliseconds clicks_interval{30'000};  // what reads clicks: caps on clicks, how destinations earn
};

// Has PostgreSQL count, now and then, what edges are told beside the configuration (config.count_caps and
// config.rank_destinations). What takes long comes seldom: each at most a twentieth of the time. On one thread; of
// several processes on a database one counts at a time.
class FactCounter {
 public:
  // The pool must outlive it. `on_change` is called on its thread when something moved.
  FactCounter(ConnectionPool& pool, FactOptions options, std::function<void()> on_change);
  ~FactCounter();  // stops
  FactCounter(const FactCounter&) = delete;
  FactCounter& operator=(const FactCounter&) = delete;

  void start();
  void stop() noexcept;

  void add_metrics(PrometheusWriter& out) const;

 private:
  void run();
  bool count(const char* sql);  // whether something moved

  ConnectionPool& pool_;
  const FactOptions options_;
  const std::function<void()> on_change_;
  std::atomic<std::uint64_t> counted_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tributary::admin
