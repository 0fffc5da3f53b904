#pragma once

// The only place that includes nginx.
extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>
extern ngx_module_t ngx_http_tributary_module;
}
