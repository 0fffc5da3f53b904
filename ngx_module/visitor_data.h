#pragma once

#include "ngx_module/ngx.h"

// Directives that name what is known of visitors, and how much the host remembers of them.
namespace tributary {

char* geoip_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept;
char* user_agents_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept;
char* caps_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept;
char* uniques_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept;
char* anti_repeat_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept;
char* recent_clicks_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept;

}  // namespace tributary
