#pragma once

#include <string_view>

#include "ngx_module/ngx.h"

namespace tributary {

// The whole body that nginx has read, from memory and from its temporary file, as one view in r->pool. False when it is
// larger than `limit` (then `too_large` is set) or cannot be read.
bool collect_body(ngx_http_request_t* r, std::size_t limit, std::string_view& body, bool& too_large) noexcept;

}  // namespace tributary
