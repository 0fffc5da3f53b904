#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "ingestor/batch/batch.h"

namespace tributary::ingest {

// What the ingestor has done and how it is, for /metrics and /healthz. Any thread.
struct Counters {
  std::atomic<std::uint64_t> clicks{0};
  std::atomic<std::uint64_t> trafficbacks{0};
  std::atomic<std::uint64_t> lander_clicks{0};
  std::atomic<std::uint64_t> postbacks{0};
  std::atomic<std::uint64_t> customer_events{0};
  std::atomic<std::uint64_t> dead_letters{0};
  std::atomic<std::uint64_t> refused{0};  // dead letters that PostgreSQL refused
  std::atomic<std::uint64_t> gaps{0};
  std::atomic<std::uint64_t> damaged{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> session_failures{0};
  std::atomic<std::uint64_t> folded{0};
  std::atomic<std::uint64_t> attributed{0};
  std::atomic<std::uint64_t> unattributed{0};
  std::atomic<std::uint64_t> events_decided_again{0};  // with another result
  std::atomic<std::int64_t> events_waiting{0};
  std::atomic<std::uint64_t> maintenance_failures{0};
  std::atomic<std::uint64_t> outbound_sent{0};
  std::atomic<std::uint64_t> outbound_failures{0};  // attempts
  std::atomic<std::uint64_t> outbound_given_up{0};
  std::atomic<std::uint64_t> outbound_pauses{0};
  std::atomic<std::uint64_t> outbound_running{0};
  std::atomic<double> outbound_lag_s{0};
  std::atomic<std::int64_t> outbound_paused{0};
  std::atomic<bool> outbound_connected{false};
  std::atomic<std::int64_t> last_commit_ms{0};  // 0: none yet
  std::atomic<bool> connected{false};

  void committed(const Batch& batch, std::uint64_t refused_records, std::int64_t now_ms) noexcept;

  // Why nothing is stored at the moment; empty while all is well.
  void set_problem(std::string text);
  std::string problem() const;

 private:
  mutable std::mutex mutex_;
  std::string problem_;
};

}  // namespace tributary::ingest
