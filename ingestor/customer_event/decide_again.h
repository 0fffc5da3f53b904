#pragma once

#include <cstdint>
#include <vector>

#include "ingestor/store/attribution_changes.h"

namespace tributary::ingest {

// What stored events are attributed to by what is known now, and by the present rules. Left out are those that name a
// click of before `clicks_since_us` whose row is not there: nothing can be said of them.
std::vector<Decided> decide_again(Connection& connection, const std::vector<CustomerFact>& facts,
                                  std::int64_t clicks_since_us = INT64_MIN);

}  // namespace tributary::ingest
