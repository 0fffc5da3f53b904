#pragma once

#include <cstdint>
#include <vector>

#include "ingestor/owners/owner.h"
#include "ingestor/store/stored_events.h"
#include "platform/postgres/connection.h"

// Events of advertisers that are to be decided again: rows of events.waiting_customer_events.
namespace tributary::ingest {

struct WaitingEvent {
  EventKey event;
  TeamId team{};
  std::int32_t attempts = 0;
  bool click_arrived = false;  // it is stored: other events of the customer may be its, too
};

// What was looked for a day is kept as unknown and waits no more.
void keep_waiting(Connection& connection, const std::vector<WaitingEvent>& events);

// Takes those that are due out of the table, in the transaction of the caller; another process passes them by.
std::vector<WaitingEvent> take_waiting_events(Connection& connection);

}  // namespace tributary::ingest
