#include "ngx_module/parking.h"

#include "ngx_module/worker.h"

namespace tributary {

bool Parking::start(ngx_cycle_t* cycle, Journal& journal) noexcept {
  if (!watch_.start(cycle, journal.durable_fd(), on_durable, this)) return false;
  journal_ = &journal;
  return true;
}

void Parking::settle() noexcept {
  on_durable(this);
  while (!ngx_queue_empty(&queue_)) resume(*ngx_queue_data(ngx_queue_head(&queue_), Parked, link), false);
}

void Parking::stop() noexcept {
  watch_.stop();
  while (!ngx_queue_empty(&queue_)) unlink(*ngx_queue_data(ngx_queue_head(&queue_), Parked, link));
  journal_ = nullptr;
}

bool Parking::park(Parked& parked, ngx_msec_t timeout_ms) noexcept {
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(parked.request->pool, 0);
  if (cleanup == nullptr) return false;
  cleanup->handler = on_pool_destroyed;
  cleanup->data = &parked;
  parked.deadline = ngx_event_t{};
  parked.deadline.data = &parked;
  parked.deadline.handler = on_deadline;
  parked.deadline.log = parked.request->connection->log;
  ngx_add_timer(&parked.deadline, timeout_ms);
  parked.waiting = true;
  ngx_queue_insert_tail(&queue_, &parked.link);
  ++size_;
  parked.request->read_event_handler = ngx_http_test_reading;
  parked.request->write_event_handler = ngx_http_request_empty_handler;
  journal_->request_sync(parked.position);
  return true;
}

void Parking::on_durable(void* opaque) noexcept {
  auto* self = static_cast<Parking*>(opaque);
  const Position durable = self->journal_->durable();
  while (!ngx_queue_empty(&self->queue_)) {
    auto& first = *ngx_queue_data(ngx_queue_head(&self->queue_), Parked, link);
    if (first.position > durable) return;
    self->resume(first, true);
  }
}

void Parking::on_deadline(ngx_event_t* event) noexcept {
  auto& parked = *static_cast<Parked*>(event->data);
  if (Worker* self = worker()) self->parking().resume(parked, false);
}

void Parking::on_pool_destroyed(void* opaque) noexcept {
  auto& parked = *static_cast<Parked*>(opaque);
  if (Worker* self = worker(); self != nullptr && parked.waiting) self->parking().unlink(parked);
}

void Parking::unlink(Parked& parked) noexcept {
  if (parked.deadline.timer_set) ngx_del_timer(&parked.deadline);
  ngx_queue_remove(&parked.link);
  parked.waiting = false;
  --size_;
}

void Parking::resume(Parked& parked, bool durable) noexcept {
  unlink(parked);
  ngx_connection_t* connection = parked.request->connection;
  parked.resume(parked, durable);
  ngx_http_run_posted_requests(connection);
}

}  // namespace tributary
