#pragma once

#include "core/journal/journal.h"
#include "ngx_module/fd_watch.h"
#include "ngx_module/ngx.h"

namespace tributary {

// A request that waits until the disk has its record. Lives in the request's pool and leaves the queue with it, so a
// client that goes away needs no care: its record stays.
struct Parked {
  // Called once: the record is durable, or its time is up. Finishes the request.
  using Resume = void (*)(Parked& parked, bool durable);

  ngx_queue_t link;
  ngx_event_t deadline;
  ngx_http_request_t* request;
  Position position;
  Resume resume;
  bool waiting;
};

// The parked requests of one worker, in the order of their records. Belongs to the event loop.
class Parking {
 public:
  Parking() noexcept { ngx_queue_init(&queue_); }

  // False when nginx has no connection to spare. `journal` must outlive stop().
  bool start(ngx_cycle_t* cycle, Journal& journal) noexcept;
  // Answers everything that waits: what is durable as recorded, the rest as unavailable.
  void settle() noexcept;
  void stop() noexcept;

  // The caller has taken a reference to the request. False when the pool has no memory: nothing is parked then.
  bool park(Parked& parked, ngx_msec_t timeout_ms) noexcept;
  std::size_t size() const noexcept { return size_; }

 private:
  static void on_durable(void* parking) noexcept;
  static void on_deadline(ngx_event_t* event) noexcept;
  static void on_pool_destroyed(void* parked) noexcept;
  void unlink(Parked& parked) noexcept;
  void resume(Parked& parked, bool durable) noexcept;

  FdWatch watch_;
  Journal* journal_ = nullptr;
  ngx_queue_t queue_;
  std::size_t size_ = 0;
};

}  // namespace tributary
