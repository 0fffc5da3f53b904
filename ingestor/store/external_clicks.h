#pragma once

#include <cstdint>
#include <vector>

#include "ingestor/events/external_click.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// Stores the keys that are new. True for each click whose key is known already, from this batch or an earlier one: it
// is a repeated call and no second click.
std::vector<bool> store_external_clicks(Connection& connection, std::int64_t batch,
                                        const std::vector<ExternalClick>& clicks);

}  // namespace tributary::ingest
