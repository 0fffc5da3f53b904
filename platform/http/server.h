#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "platform/http/message.h"

namespace tributary::http {

// Every bound of the server. Slow clients, TLS and the outside world are nginx's business; these keep one bad neighbour
// from taking the process down.
struct ServerOptions {
  std::string listen = "127.0.0.1:0";  // host:port, [v6]:port or unix:PATH (mode 0660, a stale socket is replaced)
  unsigned workers = 4;                // threads that run the handler
  unsigned max_connections = 512;
  unsigned max_waiting = 128;  // requests waiting for a worker; above it 503 with Retry-After
  std::uint32_t max_header_bytes = 16 * 1024;
  std::uint64_t max_body_bytes = 1024 * 1024;
  std::chrono::milliseconds idle_timeout{60'000};  // until the next request of a connection
  std::chrono::milliseconds read_timeout{15'000};  // until a begun request is complete
  std::chrono::milliseconds write_timeout{15'000};
  std::chrono::milliseconds stop_timeout{10'000};  // running requests get this long at stop()
};

struct ServerCounters {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> connections_refused{0};  // above max_connections
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> requests_refused{0};  // above max_waiting
  std::atomic<std::uint64_t> requests_malformed{0};
  std::atomic<std::uint64_t> requests_too_large{0};
  std::atomic<std::uint64_t> timeouts{0};
  std::atomic<std::uint64_t> handler_failures{0};  // exceptions that left the handler: answered 500
};

// One I/O thread and a pool of workers. The handler runs on a worker, several at a time; it may block.
// Errors of the protocol are answered without it, as problem documents.
class Server {
 public:
  using Handler = std::function<Response(const Request&)>;

  Server(ServerOptions options, Handler handler);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and begins to answer. Throws std::runtime_error that names the address.
  void start();
  // Stops accepting, closes idle connections, lets running requests finish, then returns. Repeating it is harmless.
  void stop() noexcept;

  unsigned port() const noexcept;  // bound port; 0 for a unix socket
  const ServerCounters& counters() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::http
