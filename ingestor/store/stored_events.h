#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "ingestor/customer_event/customer_fact.h"
#include "ingestor/owners/owner.h"
#include "platform/postgres/connection.h"

// Rows of events.customer_events, read so that they can be decided again: only what evidence is made of.
namespace tributary::ingest {

// Where the row of an event is.
struct EventKey {
  std::uint32_t advertiser = 0;
  std::int64_t time_us = 0;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const EventKey&, const EventKey&) = default;
};
EventKey key_of(const CustomerFact& fact);

// Three parameters: advertiser, time and id of each.
Params& add_event_keys(Params& params, const std::vector<EventKey>& keys);

// This and the last one lock the rows, in the order of their keys.
std::vector<CustomerFact> lock_events(Connection& connection, const std::vector<EventKey>& keys);

// The events of a period, in the order of their keys.
struct EventPeriod {
  TeamId team{};
  std::int32_t advertiser = 0;  // 0: all of the team
  std::int64_t since_us = 0;
  std::int64_t until_us = 0;
};
std::int64_t count_events(Connection& connection, const EventPeriod& period);
// The first thousand after `last`.
std::vector<CustomerFact> read_events(Connection& connection, const EventPeriod& period, const EventKey& last);

// The events of a customer in a time; of more than a thousand the earliest.
struct CustomerSpan {
  std::uint32_t advertiser = 0;
  std::string customer_key;
  std::int64_t since_us = 0;
  std::int64_t until_us = 0;
};
std::vector<CustomerFact> lock_events(Connection& connection, const std::vector<CustomerSpan>& spans);

}  // namespace tributary::ingest
