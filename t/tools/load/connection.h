#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "t/tools/load/request_source.h"
#include "t/tools/load/response_parser.h"

namespace tributary::load {

// One non-blocking client connection with at most one request under way.
class Connection {
 public:
  enum class Event : std::uint8_t {
    none,
    ready,        // connected and idle
    answered,     // response() is whole
    refused,      // could not connect; a request under way was never sent
    lost,         // closed or reset while a request was under way
    closed_idle,  // closed by the peer between requests
  };

  ~Connection();
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Returns false when no socket can be had; otherwise fd() is new and wants to be watched.
  bool connect(const sockaddr_in& server);
  void close();

  // Sends at once if connected, else when the connection stands.
  Event send(Request request);
  Event on_event(std::uint32_t epoll_events);

  int fd() const noexcept { return fd_; }
  bool is_open() const noexcept { return fd_ >= 0; }
  bool idle() const noexcept { return connected_ && !request_; }
  bool busy() const noexcept { return request_.has_value(); }
  // The peer has said that nothing more comes: not to be used again.
  bool peer_closed() const noexcept { return peer_closed_; }
  std::uint64_t sent_ns = 0;  // when the request under way was handed over

  Request take_request();
  const ResponseParser& response() const noexcept { return response_; }

 private:
  Event write_some();
  Event read_some();

  int fd_ = -1;
  bool connected_ = false;
  bool peer_closed_ = false;
  std::size_t written_ = 0;
  std::optional<Request> request_;
  ResponseParser response_;
};

}  // namespace tributary::load
