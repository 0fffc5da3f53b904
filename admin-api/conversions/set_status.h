#pragma once

#include "admin-api/api/route.h"

namespace tributary::admin {

// A conversion's status, set by hand.
void add_set_status_routes(Routes& routes);

}  // namespace tributary::admin
