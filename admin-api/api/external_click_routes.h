#pragma once

#include "admin-api/api/route.h"

namespace tributary::admin {

void add_external_click_routes(Routes& routes);

}  // namespace tributary::admin
