#pragma once

#include "admin-api/api/context.h"

namespace tributary::admin {

// Throws 403 unless a program of this host asks for itself. Deny by default: nginx forwards what it lets through from
// outside with X-Real-IP set.
void require_this_host(const Context& context);

}  // namespace tributary::admin
