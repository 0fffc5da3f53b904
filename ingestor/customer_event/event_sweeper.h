#pragma once

#include <cstdint>

#include "platform/postgres/connection.h"

namespace tributary::ingest {

struct SweptEvents {
  std::uint64_t looked_at = 0;
  std::uint64_t changed = 0;  // what they are attributed to
};

// Events of advertisers that came before the row of the click they name, and events of a customer that were stored
// before a click of his was known: decided again, by the rules of now, once the click is stored. One transaction has
// the rows, what they were before and what waits on.
SweptEvents sweep_customer_events(Connection& connection);

}  // namespace tributary::ingest
