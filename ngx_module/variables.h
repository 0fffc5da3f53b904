#pragma once

#include "ngx_module/ngx.h"

namespace tributary {

ngx_int_t add_variables(ngx_conf_t* cf) noexcept;

}  // namespace tributary
