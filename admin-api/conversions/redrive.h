#pragma once

#include "admin-api/api/route.h"

namespace tributary::admin {

// Quarantined calls judged again by the present configuration.
void add_postback_redrive_routes(Routes& routes);

}  // namespace tributary::admin
