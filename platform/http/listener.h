#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

// Opens the listening socket of `listen`. Only the .cpp files of this folder include it.
namespace tributary::http {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

struct Listener {
  Acceptor acceptor;
  unsigned port = 0;      // 0 for a unix socket
  std::string unix_path;  // to remove at the end
};

// Throws std::runtime_error that names the address.
Listener open_listener(boost::asio::io_context& io, const std::string& listen);

}  // namespace tributary::http
