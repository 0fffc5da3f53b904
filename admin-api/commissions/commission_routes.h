#pragma once

#include "admin-api/api/route.h"

namespace tributary::admin {

// Rules of what partners earn, and their ledgers.
void add_commission_routes(Routes& routes);
void add_ledger_routes(Routes& routes);

}  // namespace tributary::admin
