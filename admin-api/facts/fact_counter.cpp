#include "admin-api/facts/fact_counter.h"

#include <algorithm>
#include <array>
#include <string>

#include "admin-api/db/scoped_transaction.h"
#include "platform/log/log.h"
#include "platform/prometheus/prometheus.h"

namespace tributary::admin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kShareOfTime = 20;

struct Job {
  const char* sql;
  Clock::duration interval;
  Clock::time_point due{};
};

}  // namespace

FactCounter::FactCounter(ConnectionPool& pool, FactOptions options, std::function<void()> on_change)
    : pool_(pool), options_(options), on_change_(std::move(on_change)) {}

FactCounter::~FactCounter() {
  stop();
}

void FactCounter::start() {
  thread_ = std::thread([this] { run(); });
}

void FactCounter::stop() noexcept {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool FactCounter::count(const char* sql) {
  ScopedTransaction transaction(pool_, kSystemScope);
  transaction.execute("SET LOCAL statement_timeout = '30s'");
  const bool moved = transaction.execute(sql).integer(0, 0) > 0;
  transaction.commit();
  ++counted_;
  return moved;
}

void FactCounter::run() {
  std::array<Job, 3> jobs{{{"SELECT config.count_caps(false)", options_.caps_interval},
                           {"SELECT config.count_caps(true)", options_.clicks_interval},
                           {"SELECT config.rank_destinations()", options_.clicks_interval}}};
  std::string trouble;  // that was logged last
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    auto& job = *std::min_element(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) { return a.due < b.due; });
    if (wake_.wait_until(lock, job.due, [this] { return stopping_; })) return;
    lock.unlock();
    const auto began = Clock::now();
    try {
      if (count(job.sql)) on_change_();
      trouble.clear();
    } catch (const std::exception& error) {  // edges keep what they were told
      ++failures_;
      if (trouble != error.what()) log::warning("facts are not counted", {{"error", error.what()}});
      trouble = error.what();
    }
    job.due = Clock::now() + std::max(job.interval, kShareOfTime * (Clock::now() - began));
    lock.lock();
  }
}

void FactCounter::add_metrics(PrometheusWriter& out) const {
  out.counter("tributary_admin_facts_counted_total", "Counts of caps and earnings of destinations.");
  out.sample(counted_.load());
  out.counter("tributary_admin_facts_failures_total", "Counts that PostgreSQL refused or could not finish.");
  out.sample(failures_.load());
}

}  // namespace tributary::admin
