#include "ngx_module/fd_watch.h"

#include <unistd.h>

#include <cstdint>

namespace tributary {

bool FdWatch::start(ngx_cycle_t* cycle, int fd, Woken woken, void* owner) noexcept {
  ngx_connection_t* connection = ngx_get_connection(fd, cycle->log);
  if (connection == nullptr) return false;
  connection->data = this;
  connection->log = cycle->log;
  connection->read->log = cycle->log;
  connection->write->log = cycle->log;
  connection->read->channel = 1;
  connection->write->channel = 1;
  connection->read->handler = on_readable;
  const auto flags = (ngx_event_flags & NGX_USE_CLEAR_EVENT) ? static_cast<ngx_uint_t>(NGX_CLEAR_EVENT) : 0;
  if (ngx_add_event(connection->read, NGX_READ_EVENT, flags) != NGX_OK) {
    ngx_free_connection(connection);
    return false;
  }
  connection_ = connection;
  woken_ = woken;
  owner_ = owner;
  return true;
}

void FdWatch::stop() noexcept {
  if (connection_ == nullptr) return;
  ngx_del_event(connection_->read, NGX_READ_EVENT, 0);
  if (connection_->read->posted) {
    ngx_delete_posted_event(connection_->read);
  }
  ngx_free_connection(connection_);
  connection_->fd = static_cast<ngx_socket_t>(-1);
  connection_ = nullptr;
}

void FdWatch::on_readable(ngx_event_t* event) noexcept {
  auto* watch = static_cast<FdWatch*>(static_cast<ngx_connection_t*>(event->data)->data);
  std::uint64_t count;
  while (read(watch->connection_->fd, &count, sizeof count) == -1 && ngx_errno == NGX_EINTR) {
  }
  watch->woken_(watch->owner_);
}

}  // namespace tributary
