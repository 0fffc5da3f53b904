#pragma once

#include <cstdint>
#include <vector>

#include "ingestor/customer_event/credit.h"
#include "ingestor/store/stored_events.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// An event that was decided again.
struct Decided {
  EventKey event;
  Credit credit;
};

// Of those whose credit is another one now: the row gets it, and events.attribution_changes what it was before and is
// now, in the transaction of the caller, who has locked the rows. Returns how many these were.
std::size_t change_attributions(Connection& connection, const std::vector<Decided>& decided);

}  // namespace tributary::ingest
