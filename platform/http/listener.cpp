#include "platform/http/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace tributary::http {
namespace {

namespace asio = boost::asio;

[[noreturn]] void fail(const std::string& listen, const std::string& why) {
  throw std::runtime_error("cannot listen on \"" + listen + "\": " + why);
}

asio::ip::tcp::endpoint parse_tcp(const std::string& listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) fail(listen, "write host:port, [address]:port or unix:PATH");
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) fail(listen, "\"" + host + "\" is not an IP address");
  unsigned port = 0;
  const char* const end = listen.data() + listen.size();
  const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
  if (parsed.ptr != end || parsed.ec != std::errc{} || port > 65535)
    fail(listen, "the port is not a number up to 65535");
  return {address, static_cast<std::uint16_t>(port)};
}

// A socket file that nobody answers on is a leftover of a process that was killed.
void remove_stale_socket(const asio::local::stream_protocol::endpoint& endpoint, const std::string& listen) {
  struct stat info {};
  if (lstat(endpoint.path().c_str(), &info) != 0) return;
  if (!S_ISSOCK(info.st_mode)) fail(listen, "the path exists and is not a socket");
  asio::io_context io;
  asio::local::stream_protocol::socket probe(io);
  boost::system::error_code error;
  if (!probe.connect(endpoint, error)) fail(listen, "another process answers there");
  unlink(endpoint.path().c_str());
}

Acceptor open(asio::io_context& io, const asio::generic::stream_protocol::endpoint& endpoint, int family,
              const std::string& listen) {
  Acceptor acceptor(io);
  boost::system::error_code error;
  acceptor.open(asio::generic::stream_protocol(family, 0), error);
  if (!error && family != AF_UNIX) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) fail(listen, error.message());
  return acceptor;
}

unsigned bound_port(Acceptor& acceptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(acceptor.native_handle(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
}

}  // namespace

Listener open_listener(asio::io_context& io, const std::string& listen) {
  if (listen.starts_with("unix:")) {
    const std::string path = listen.substr(5);
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) fail(listen, "the path is empty or too long");
    const asio::local::stream_protocol::endpoint endpoint(path);
    remove_stale_socket(endpoint, listen);
    auto acceptor = open(io, endpoint, AF_UNIX, listen);
    if (chmod(path.c_str(), 0660) != 0) fail(listen, std::strerror(errno));
    return {std::move(acceptor), 0, path};
  }
  const auto endpoint = parse_tcp(listen);
  auto acceptor = open(io, endpoint, endpoint.address().is_v4() ? AF_INET : AF_INET6, listen);
  const auto port = bound_port(acceptor);
  return {std::move(acceptor), port, {}};
}

}  // namespace tributary::http
