#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "core/base/fd.h"
#include "core/snapshot/push.h"
#include "core/snapshot/snapshot_store.h"
#include "ngx_module/cap_restore.h"
#include "ngx_module/fd_watch.h"
#include "ngx_module/ngx.h"

namespace tributary {

class SharedState;

// What a push leaves behind while its request waits: the file and what its envelope promised.
struct PushJob {
  Fd file;  // has no name: it is gone with the worker, however that ends
  PushKind kind = PushKind::snapshot;
  Generation generation;
  std::uint64_t length = 0;
  std::array<std::uint8_t, 32> sha256{};
};

// A request that waits for its publication; lives in its pool.
struct WaitingPush {
  ngx_http_request_t* request;
  void (*resume)(WaitingPush& push, const SnapshotStore::PublishResult& result);
};

// Checks and publishes a spooled snapshot or overlay on a thread of its own: all of that blocks on disk. One at a time.
// The thread calls nothing of nginx and knows no request; it wakes the event loop through an eventfd.
class Publisher {
 public:
  Publisher() = default;
  ~Publisher() { stop(); }

  // `journal_path` is empty where nothing is journalled.
  void start(ngx_cycle_t* cycle, std::string snapshot_path, std::string run_path, const std::string& journal_path,
             SharedState& state);
  // Waits a bounded time for a running publication.
  void stop() noexcept;

  bool busy() const noexcept { return thread_.joinable(); }
  // Not while busy(). `push` is forgotten when its pool is destroyed; the publication goes on. Throws when no thread
  // can be started.
  void publish(PushJob job, WaitingPush* push);

 private:
  static void on_done(void* publisher) noexcept;
  static void on_pool_destroyed(void* push) noexcept;
  void run(const PushJob& job) noexcept;
  SnapshotStore::PublishResult publish_file(const PushJob& job);

  ngx_cycle_t* cycle_ = nullptr;
  std::string snapshot_path_;
  std::string run_path_;
  SharedState* state_ = nullptr;
  std::optional<CapRestore> caps_;  // of the thread
  Fd wake_;
  FdWatch watch_;
  std::thread thread_;
  std::atomic<bool> done_{false};
  SnapshotStore::PublishResult result_{};  // of the thread until done_
  WaitingPush* waiting_ = nullptr;
};

}  // namespace tributary
