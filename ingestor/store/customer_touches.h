#pragma once

#include <vector>

#include "ingestor/customer_event/customer_fact.h"
#include "ingestor/customer_event/evidence.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// A click that is known to be a customer's, and the event that said so, which must outlive it.
struct Touch {
  const CustomerFact* fact;
  ClickFacts click;
  TeamId team;
};

// The click that the event names is one of its customer's.
bool tells_touch(const CustomerFact& fact, const Evidence& evidence);

// Stores them in events.customer_touches and returns those that nobody knew.
std::vector<Touch> store_touches(Connection& connection, const std::vector<Touch>& touches);

}  // namespace tributary::ingest
