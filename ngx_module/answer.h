#pragma once

#include <string_view>

#include "ngx_module/ngx.h"

// What handlers answer. Each returns the code for ngx_http_finalize_request (or to return from a content handler).
namespace tributary {

inline constexpr std::string_view kJson = "application/json";

// Headers only: a redirect with `location`, which must live in r->pool or for ever.
ngx_int_t answer_redirect(ngx_http_request_t* r, ngx_uint_t status, std::string_view location) noexcept;

// A body that lives in r->pool or for ever.
ngx_int_t answer_body(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, ngx_str_t body,
                      std::string_view cache_control = "no-store") noexcept;

// The same, copied to r->pool.
ngx_int_t answer_text(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, std::string_view body) noexcept;

// False when there is no memory. `name` and `value` must live in r->pool or for ever.
bool add_header(ngx_http_request_t* r, std::string_view name, std::string_view value) noexcept;

}  // namespace tributary
