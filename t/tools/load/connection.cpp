#include "t/tools/load/connection.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace tributary::load {

Connection::~Connection() {
  close();
}

bool Connection::connect(const sockaddr_in& server) {
  close();
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // The answer of connect() is taken from the first event: refused at once and refused later look the same.
  (void)::connect(fd_, reinterpret_cast<const sockaddr*>(&server), sizeof server);
  return true;
}

void Connection::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  connected_ = false;
  peer_closed_ = false;
  written_ = 0;
  response_.reset();
}

Connection::Event Connection::send(Request request) {
  request_ = std::move(request);
  written_ = 0;
  response_.reset();
  return connected_ ? write_some() : Event::none;
}

Request Connection::take_request() {
  Request request = std::move(*request_);
  request_.reset();
  return request;
}

Connection::Event Connection::on_event(std::uint32_t epoll_events) {
  if (!connected_) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0 || (epoll_events & EPOLLHUP) != 0) return Event::refused;
    connected_ = true;
    return request_ ? write_some() : Event::ready;
  }
  peer_closed_ = (epoll_events & (EPOLLRDHUP | EPOLLHUP)) != 0;
  if ((epoll_events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) return read_some();
  return request_ && written_ < request_->text.size() ? write_some() : Event::none;
}

Connection::Event Connection::write_some() {
  const auto rest = std::string_view(request_->text).substr(written_);
  if (rest.empty()) return Event::none;
  const ssize_t n = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN ? Event::none : Event::lost;
  written_ += static_cast<std::size_t>(n);
  return Event::none;
}

Connection::Event Connection::read_some() {
  for (;;) {
    char buffer[16 * 1024];
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EAGAIN) return Event::none;
    if (!request_) return Event::closed_idle;
    if (n <= 0) {
      if (n == 0) response_.finish();
      return response_.complete() ? Event::answered : Event::lost;
    }
    if (!response_.feed({buffer, static_cast<std::size_t>(n)})) return Event::lost;
    if (response_.complete()) return Event::answered;
  }
}

}  // namespace tributary::load
