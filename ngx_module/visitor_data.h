#pragma once

#include "ngx_module/ngx.h"

// Directives that name what is known of visitors.
namespace tributary {

char* geoip_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept;
char* user_agents_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept;

}  // namespace tributary
