#pragma once

#include "admin-api/api/route.h"

namespace tributary::admin {

void add_outbound_template_routes(Routes& routes);
void add_outbox_routes(Routes& routes);

}  // namespace tributary::admin
