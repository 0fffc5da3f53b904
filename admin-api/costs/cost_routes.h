#pragma once

#include "admin-api/api/route.h"

namespace tributary::admin {

// What a past period cost, told afterwards.
void add_cost_routes(Routes& routes);

}  // namespace tributary::admin
