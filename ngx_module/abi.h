#pragma once

#include "ngx_module/ngx.h"

namespace tributary {

// The nginx this module was built for: "1.22.1 (Debian 1.22.1-9+deb12u10, nginx-abi-1.22.1-7)".
const char* built_for() noexcept;

// nginx compares its version and feature bits, but a patched package can move the fields of its structures without
// changing either. The tables of the running binary say where its fields are; false, with a message, when they are not
// where our headers have them.
bool abi_matches(ngx_conf_t* cf) noexcept;

}  // namespace tributary
