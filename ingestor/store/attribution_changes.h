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

// A few rows of tables of any size: only the indexes are right, whatever the statistics say. For a transaction that
// changes attributions.
inline constexpr const char* kOnlyIndexes =
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off;";

// Writes to events.attribution_changes those whose credit is another one now, and returns the numbers of these rows.
// Without a re-attribution (0) they are to be applied in the same transaction. `campaign`: only events that it has or
// would have; 0: all.
std::vector<std::int64_t> record_changes(Connection& connection, const std::vector<Decided>& decided,
                                         std::int64_t reattribution = 0, std::int32_t campaign = 0);

// Gives the events what these changes say; returns how many were as they had been when the changes were recorded.
// Others are left alone.
std::size_t apply_changes(Connection& connection, const std::vector<std::int64_t>& changes);

// Both, for events whose rows the caller has locked. Returns how many changed.
std::size_t change_attributions(Connection& connection, const std::vector<Decided>& decided);

}  // namespace tributary::ingest
