#pragma once

#include <cstdint>

#include "platform/postgres/connection.h"

namespace tributary::ingest {

// Leads that a hold rule of their network is due to decide become decisions (events.conversion_decisions), once each.
// Returns how many.
std::uint64_t end_holds(Connection& connection);

}  // namespace tributary::ingest
