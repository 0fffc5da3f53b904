#pragma once

#include "ngx_module/ngx.h"

// The content handlers, one file each.
namespace tributary {

ngx_int_t redirect_handler(ngx_http_request_t* r) noexcept;
ngx_int_t link_handler(ngx_http_request_t* r) noexcept;
ngx_int_t click_handler(ngx_http_request_t* r) noexcept;
ngx_int_t lander_handler(ngx_http_request_t* r) noexcept;
ngx_int_t track_handler(ngx_http_request_t* r) noexcept;
ngx_int_t script_handler(ngx_http_request_t* r) noexcept;
ngx_int_t postback_handler(ngx_http_request_t* r) noexcept;
ngx_int_t event_handler(ngx_http_request_t* r) noexcept;
ngx_int_t config_handler(ngx_http_request_t* r) noexcept;
ngx_int_t status_handler(ngx_http_request_t* r) noexcept;
ngx_int_t metrics_handler(ngx_http_request_t* r) noexcept;

}  // namespace tributary
