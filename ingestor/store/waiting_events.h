#pragma once

#include <cstdint>
#include <string>
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

// Up to a hundred, the most overdue first, less those that another process has taken.
std::vector<WaitingEvent> due_waiting_events(Connection& connection);

// Takes these out of the table, in the transaction of the caller; another process passes them by. Returns those that
// were still there.
std::vector<WaitingEvent> take_waiting_events(Connection& connection, const std::vector<WaitingEvent>& due);

// One more refusal, in a transaction of its own; with the fifth it waits no more.
void refuse_waiting_event(Connection& connection, const WaitingEvent& event, const std::string& reason);

}  // namespace tributary::ingest
