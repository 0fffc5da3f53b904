#pragma once

#include <array>
#include <string_view>

#include "core/event/event.h"
#include "ngx_module/ngx.h"

namespace tributary {

using AddressStorage = std::array<std::uint8_t, 16>;

// The client's address as bytes in `storage`: 4, 16, or none for a unix socket. realip has corrected it already.
std::span<const std::uint8_t> client_address(ngx_http_request_t* r, AddressStorage& storage) noexcept;

// Fills in what the request says about the visitor, with the labels HEAD and prefetch. `storage` holds the address.
void read_visit(ngx_http_request_t* r, AddressStorage& storage, Visit& visit) noexcept;

// The part of the path behind the prefix of the location that serves it, without the leading slash.
std::string_view path_tail(ngx_http_request_t* r) noexcept;

// The first header of that name; empty when there is none. `lower` is the name in lower case.
std::string_view find_header(ngx_http_request_t* r, std::string_view lower) noexcept;

}  // namespace tributary
