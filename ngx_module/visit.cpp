#include "ngx_module/visit.h"

#include <cstring>

#include "core/request/path.h"
#include "core/request/prefetch.h"
#include "ngx_module/str.h"

namespace tributary {
namespace {

// As nginx hashes header names while it parses them.
constexpr ngx_uint_t header_hash(std::string_view lower) noexcept {
  ngx_uint_t hash = 0;
  for (const char c : lower) hash = hash * 31 + static_cast<unsigned char>(c);
  return hash;
}

template <typename Visitor>
void for_each_header(ngx_http_request_t* r, Visitor&& visitor) noexcept {
  for (const ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
    const auto* header = static_cast<const ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) visitor(header[i]);
  }
}

}  // namespace

std::span<const std::uint8_t> client_address(ngx_http_request_t* r, AddressStorage& storage) noexcept {
  const sockaddr* address = r->connection->sockaddr;
  if (address->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(reinterpret_cast<const void*>(address));
    std::memcpy(storage.data(), &in->sin_addr, 4);
    return {storage.data(), 4};
  }
  if (address->sa_family != AF_INET6) return {};
  const auto* in6 = reinterpret_cast<const sockaddr_in6*>(reinterpret_cast<const void*>(address));
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
  const std::size_t size = mapped ? 4 : 16;
  std::memcpy(storage.data(), reinterpret_cast<const std::uint8_t*>(&in6->sin6_addr) + (16 - size), size);
  return {storage.data(), size};
}

void read_visit(ngx_http_request_t* r, AddressStorage& storage, Visit& visit) noexcept {
  constexpr ngx_uint_t kLanguage = header_hash("accept-language");
  constexpr ngx_uint_t kSecPurpose = header_hash("sec-purpose");
  constexpr ngx_uint_t kPurpose = header_hash("purpose");
  constexpr ngx_uint_t kMoz = header_hash("x-moz");
  visit.address = client_address(r, storage);
  visit.user_agent = view(r->headers_in.user_agent);
  visit.referrer = view(r->headers_in.referer);
  visit.host = view(r->headers_in.server);
  visit.query = view(r->args);
  if (r->method == NGX_HTTP_HEAD) visit.labels |= kLabelHead;
  for_each_header(r, [&](const ngx_table_elt_t& header) {
    if (header.hash == kLanguage && visit.language.empty()) {
      visit.language = view(header.value);
    } else if ((header.hash == kSecPurpose || header.hash == kPurpose || header.hash == kMoz) &&
               says_prefetch(view(header.value))) {
      visit.labels |= kLabelPrefetch;
    }
  });
}

std::string_view path_tail(ngx_http_request_t* r) noexcept {
  const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
  bool literal = !core->named;
#if (NGX_PCRE)
  literal = literal && core->regex == nullptr;
#endif
  return path_behind(view(r->uri), literal ? view(core->name) : std::string_view{});
}

std::string_view find_header(ngx_http_request_t* r, std::string_view lower) noexcept {
  const ngx_uint_t hash = header_hash(lower);
  std::string_view found;
  for_each_header(r, [&](const ngx_table_elt_t& header) {
    const bool same = header.hash == hash && header.key.len == lower.size() &&
                      ngx_strncasecmp(header.key.data, ngx_view(lower).data, lower.size()) == 0;
    if (same && found.empty()) found = view(header.value);
  });
  return found;
}

}  // namespace tributary
