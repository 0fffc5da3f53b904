#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "admin-api/snapshot/pusher.h"

namespace tributary {
class PrometheusWriter;
}

namespace tributary::admin {

// Keeps every edge at the newest overlay, as the Pusher does with generations, on a thread of its own: an overlay must
// not wait for a long compilation.
class OverlayPusher {
 public:
  // The pool must outlive it.
  OverlayPusher(ConnectionPool& pool, PusherOptions options);
  ~OverlayPusher();  // stops
  OverlayPusher(const OverlayPusher&) = delete;
  OverlayPusher& operator=(const OverlayPusher&) = delete;

  void start();
  void stop() noexcept;
  void notify() noexcept;  // a fact may have changed; from any thread, before start() too

  void add_metrics(PrometheusWriter& out) const;

 private:
  class Work;
  ConnectionPool& pool_;
  const PusherOptions options_;
  std::atomic<std::uint64_t> pushes_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> version_{0};
  std::atomic<std::uint64_t> behind_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> changed_{false};
  std::unique_ptr<Work> work_;
  std::thread thread_;
};

}  // namespace tributary::admin
