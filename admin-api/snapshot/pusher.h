#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "admin-api/snapshot/compiler.h"
#include "admin-api/snapshot/kept_snapshots.h"
#include "core/snapshot/push.h"

namespace tributary::admin {

struct PusherOptions {
  PushSecretKey key{};
  std::chrono::milliseconds debounce{100};        // changes in quick succession become one push
  std::chrono::milliseconds look_interval{1000};  // for changes that nobody told us of, and for the clock
  std::chrono::milliseconds check_interval{5'000};
  std::chrono::milliseconds longest_pause{30'000};
};

struct PusherCounters {
  std::atomic<std::uint64_t> compiled{0};
  std::atomic<std::uint64_t> compile_failures{0};
  std::atomic<std::uint64_t> pushes{0};
  std::atomic<std::uint64_t> push_failures{0};
  std::atomic<std::uint64_t> last_compile_us{0};
};

// Keeps every edge at the newest generation, on one thread of its own: looks at the generation, compiles when it moved,
// pushes to every edge that is behind, asks until all its workers have it, and goes on asking, so that an edge which
// lost its state gets it again. What it learns is kept in config.edge_state. Restarting loses nothing.
class Pusher {
 public:
  // The pool must outlive it.
  Pusher(ConnectionPool& pool, PusherOptions options);
  ~Pusher();  // stops
  Pusher(const Pusher&) = delete;
  Pusher& operator=(const Pusher&) = delete;

  void start();
  void stop() noexcept;
  void notify() noexcept;  // the configuration may have changed; from any thread

  const PusherCounters& counters() const noexcept { return counters_; }
  // The last compilation without its bytes: generation and problems. From any thread.
  Compiled last_compiled() const;
  // The generations that were compiled last. From any thread.
  KeptSnapshots& kept() noexcept { return kept_; }

 private:
  class Work;
  ConnectionPool& pool_;
  const PusherOptions options_;
  PusherCounters counters_;
  mutable std::mutex mutex_;
  Compiled last_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> changed_{false};
  std::unique_ptr<Work> work_;
  std::thread thread_;
  KeptSnapshots kept_;
};

}  // namespace tributary::admin
