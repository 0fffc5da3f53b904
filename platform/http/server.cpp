#include "platform/http/server.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <set>
#include <thread>
#include <vector>

#include "platform/http/listener.h"
#include "platform/http/wire.h"

namespace tributary::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using wire::Stream;
using Parser = beast::http::request_parser<beast::http::string_body>;

namespace {

constexpr auto kNoThrow = asio::use_awaitable;
constexpr std::chrono::seconds kDiscardTime{2};
constexpr std::uint64_t kMaxDiscardedBytes = 64 * 1024 * 1024;

std::string peer_name(Stream& stream) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char text[INET6_ADDRSTRLEN] = "";
  if (getpeername(stream.socket().native_handle(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(&address)->sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr, text, sizeof text);
  } else {
    return "unix";
  }
  return text;
}

Response refusal_of(const error_code& error) {
  namespace http = beast::http;
  if (error == http::error::body_limit) return wire::refusal(413, "Payload Too Large", "the body is too large");
  if (error == http::error::header_limit) {
    return wire::refusal(431, "Request Header Fields Too Large", "the header is too large");
  }
  return wire::refusal(400, "Bad Request", "the request is malformed");
}

}  // namespace

struct Server::Impl {
  // A connection between two requests is idle and may be closed at any time.
  struct Session {
    Stream stream;
    bool idle = true;
  };

  ServerOptions options;
  Handler handler;
  ServerCounters counters;
  asio::io_context io{1};
  asio::thread_pool pool;
  std::optional<Listener> listener;
  asio::steady_timer retry_accept{io};
  asio::steady_timer stop_deadline{io};
  std::set<Session*> sessions;  // only on the I/O thread, as all below but `io_thread`
  unsigned waiting = 0;
  bool stopping = false;
  std::thread io_thread;

  Impl(ServerOptions o, Handler h) : options(std::move(o)), handler(std::move(h)), pool(options.workers) {}

  asio::awaitable<void> accept_loop();
  asio::awaitable<void> serve(Stream stream);
  asio::awaitable<bool> serve_one(Session& session, beast::flat_buffer& buffer, const std::string& peer);
  asio::awaitable<error_code> read_request(Session& session, beast::flat_buffer& buffer, Parser& parser);
  asio::awaitable<Response> answer(const Request& request);
  asio::awaitable<bool> refuse(Session& session, const error_code& error);
  asio::awaitable<bool> write(Session& session, wire::BeastResponse& message);
  asio::awaitable<void> discard_rest(Session& session);
  void begin_stop();
};

asio::awaitable<void> Server::Impl::accept_loop() {
  while (!stopping) {
    error_code error;
    auto socket = co_await listener->acceptor.async_accept(io, asio::redirect_error(kNoThrow, error));
    if (stopping) co_return;
    if (error) {  // out of descriptors: wait instead of spinning
      retry_accept.expires_after(std::chrono::milliseconds(100));
      co_await retry_accept.async_wait(asio::redirect_error(kNoThrow, error));
      continue;
    }
    if (sessions.size() >= options.max_connections) {
      ++counters.connections_refused;
      continue;  // closes it
    }
    ++counters.connections;
    asio::co_spawn(io, serve(Stream(std::move(socket))), asio::detached);
  }
}

asio::awaitable<void> Server::Impl::serve(Stream stream) {
  Session session{std::move(stream)};
  sessions.insert(&session);
  const auto peer = peer_name(session.stream);
  beast::flat_buffer buffer;
  try {
    while (!stopping && co_await serve_one(session, buffer, peer)) {
    }
  } catch (const std::exception&) {  // out of memory for this connection: close it
    ++counters.handler_failures;
  }
  sessions.erase(&session);
  if (stopping && sessions.empty()) stop_deadline.cancel();
  error_code ignored;
  session.stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
}

// True when the connection may carry another request.
asio::awaitable<bool> Server::Impl::serve_one(Session& session, beast::flat_buffer& buffer, const std::string& peer) {
  Parser parser;
  parser.header_limit(options.max_header_bytes);
  parser.body_limit(options.max_body_bytes);
  const auto error = co_await read_request(session, buffer, parser);
  if (error) co_return co_await refuse(session, error);
  ++counters.requests;
  const auto version = parser.get().version();
  const bool keep = parser.get().keep_alive();
  const bool head = parser.get().method() == beast::http::verb::head;
  const auto request = wire::to_request(parser.release(), peer);
  // No co_await inside a conditional expression: g++ 12 destroys its operands twice.
  Response response = wire::refusal(400, "Bad Request", "the path is malformed");
  if (request) response = co_await answer(*request);
  auto message = wire::to_response(std::move(response), version, keep && !stopping, head);
  const bool written = co_await write(session, message);
  co_return written&& message.keep_alive();
}

asio::awaitable<error_code> Server::Impl::read_request(Session& session, beast::flat_buffer& buffer, Parser& parser) {
  error_code error;
  session.idle = buffer.size() == 0;
  session.stream.expires_after(options.idle_timeout);
  if (session.idle) {
    auto bytes = co_await session.stream.async_read_some(buffer.prepare(4096), asio::redirect_error(kNoThrow, error));
    if (error) co_return asio::error::eof;  // closed, reset or idle too long: nobody waits for an answer
    buffer.commit(bytes);
  }
  session.idle = false;
  session.stream.expires_after(options.read_timeout);
  co_await beast::http::async_read(session.stream, buffer, parser, asio::redirect_error(kNoThrow, error));
  co_return error;
}

asio::awaitable<Response> Server::Impl::answer(const Request& request) {
  if (waiting >= options.max_waiting) {
    ++counters.requests_refused;
    co_return std::move(wire::refusal(503, "Service Unavailable", "too many requests at once").set("Retry-After", "1"));
  }
  ++waiting;
  std::optional<Response> response;
  co_await asio::co_spawn(
      pool,
      [&]() -> asio::awaitable<void> {
        try {
          response = handler(request);
        } catch (...) {
          response.reset();
        }
        co_return;
      },
      kNoThrow);
  --waiting;
  if (!response) {
    ++counters.handler_failures;
    co_return wire::refusal(500, "Internal Server Error", "the request could not be handled; see the log");
  }
  co_return std::move(*response);
}

asio::awaitable<bool> Server::Impl::refuse(Session& session, const error_code& error) {
  if (error == asio::error::eof || error == beast::http::error::end_of_stream) co_return false;
  if (error == beast::error::timeout) {  // the stream closed the socket
    ++counters.timeouts;
    co_return false;
  }
  if (error == beast::http::error::body_limit || error == beast::http::error::header_limit) {
    ++counters.requests_too_large;
  } else {
    ++counters.requests_malformed;
  }
  auto message = wire::to_response(refusal_of(error), 11, false, false);
  if (co_await write(session, message)) co_await discard_rest(session);
  co_return false;
}

// Closing with unread bytes resets the connection, and the client may lose the answer that says why. Bounded.
asio::awaitable<void> Server::Impl::discard_rest(Session& session) {
  error_code error;
  session.stream.socket().shutdown(asio::socket_base::shutdown_send, error);
  session.stream.expires_after(kDiscardTime);
  std::vector<char> scratch(16 * 1024);
  for (std::uint64_t read = 0; !error && read < kMaxDiscardedBytes;) {
    read += co_await session.stream.async_read_some(asio::buffer(scratch), asio::redirect_error(kNoThrow, error));
  }
}

asio::awaitable<bool> Server::Impl::write(Session& session, wire::BeastResponse& message) {
  error_code error;
  session.stream.expires_after(options.write_timeout);
  co_await beast::http::async_write(session.stream, message, asio::redirect_error(kNoThrow, error));
  co_return !error;
}

void Server::Impl::begin_stop() {
  stopping = true;
  error_code ignored;
  listener->acceptor.close(ignored);
  retry_accept.cancel();
  for (auto* session : sessions) {
    if (session->idle) session->stream.cancel();
  }
  if (sessions.empty()) return;  // run() returns when nothing is left to do
  stop_deadline.expires_after(options.stop_timeout);
  stop_deadline.async_wait([this](const error_code& error) {
    if (!error) io.stop();
  });
}

Server::Server(ServerOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}

Server::~Server() {
  stop();
}

void Server::start() {
  impl_->listener.emplace(open_listener(impl_->io, impl_->options.listen));
  asio::co_spawn(impl_->io, impl_->accept_loop(), asio::detached);
  impl_->io_thread = std::thread([this] { impl_->io.run(); });
}

void Server::stop() noexcept {
  if (!impl_->io_thread.joinable()) return;
  asio::post(impl_->io, [this] { impl_->begin_stop(); });
  impl_->io_thread.join();
  impl_->pool.join();
  if (!impl_->listener->unix_path.empty()) unlink(impl_->listener->unix_path.c_str());
}

unsigned Server::port() const noexcept {
  return impl_->listener ? impl_->listener->port : 0;
}
const ServerCounters& Server::counters() const noexcept {
  return impl_->counters;
}

}  // namespace tributary::http
