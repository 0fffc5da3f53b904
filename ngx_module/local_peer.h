#pragma once

#include "ngx_module/ngx.h"

namespace tributary {

// Whether the other end of the connection itself is this host (loopback or a unix socket) or showed a client
// certificate that was verified. What realip or a header claims does not matter.
bool is_trusted_peer(ngx_http_request_t* r) noexcept;

}  // namespace tributary
