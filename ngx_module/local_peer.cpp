#include "ngx_module/local_peer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "ngx_module/str.h"

namespace tributary {
namespace {

bool is_loopback(const sockaddr_storage& address) noexcept {
  if (address.ss_family == AF_UNIX) return true;
  if (address.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    return (ntohl(in.sin_addr.s_addr) >> 24) == 127;
  }
  if (address.ss_family != AF_INET6) return false;
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&in6) || (IN6_IS_ADDR_V4MAPPED(&in6) && in6.s6_addr[12] == 127);
}

// By nginx's variable, so that nothing here depends on its TLS build.
bool has_verified_certificate(ngx_http_request_t* r) noexcept {
  ngx_str_t name = ngx_string("ssl_client_verify");
  const ngx_uint_t key = ngx_hash_key(name.data, name.len);
  const ngx_http_variable_value_t* value = ngx_http_get_variable(r, &name, key);
  return value != nullptr && !value->not_found &&
         std::string_view(reinterpret_cast<char*>(value->data), value->len) == "SUCCESS";
}

}  // namespace

bool is_trusted_peer(ngx_http_request_t* r) noexcept {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getpeername(r->connection->fd, reinterpret_cast<sockaddr*>(&address), &length) == 0 && is_loopback(address))
    return true;
  return has_verified_certificate(r);
}

}  // namespace tributary
