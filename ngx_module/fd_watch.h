#pragma once

#include "ngx_module/ngx.h"

namespace tributary {

// Calls `woken` on the event loop when a counting descriptor (eventfd) of another owner becomes readable. The counter
// is read before the call. Marked as a channel, so that nginx neither waits for it nor complains about it on exit.
class FdWatch {
 public:
  using Woken = void (*)(void* owner);

  FdWatch() = default;
  ~FdWatch() { stop(); }
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  // False when nginx has no connection to spare; `owner` must outlive the watch.
  bool start(ngx_cycle_t* cycle, int fd, Woken woken, void* owner) noexcept;
  // Leaves the descriptor open: it belongs to who made it.
  void stop() noexcept;
  bool active() const noexcept { return connection_ != nullptr; }

 private:
  static void on_readable(ngx_event_t* event) noexcept;

  ngx_connection_t* connection_ = nullptr;
  Woken woken_ = nullptr;
  void* owner_ = nullptr;
};

}  // namespace tributary
