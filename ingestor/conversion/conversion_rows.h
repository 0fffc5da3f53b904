#pragma once

#include <cstdint>
#include <vector>

#include "ingestor/conversion/fold.h"
#include "platform/postgres/connection.h"

// The statements on events.conversions. `keys` holds one postback per key, in key order; results are in the same order.
namespace tributary::ingest {

struct StoredConversion {
  std::int64_t id = 0;
  bool attributed = false;     // its click row was found: stream and destination are known
  std::int32_t affiliate = 0;  // whose it was when it was locked
  ConversionState state;
};

// Inserts those whose key is new; says of each whether it was.
std::vector<bool> insert_conversions(Connection& connection, std::int64_t batch,
                                     const std::vector<StoredConversion>& conversions,
                                     const std::vector<const PostbackFact*>& keys);

// An incident for each of these ids of new conversions that another conversion has too.
void report_repeated_ids(Connection& connection, const std::vector<std::int64_t>& fresh);

std::vector<StoredConversion> lock_conversions(Connection& connection, const std::vector<const PostbackFact*>& keys);
void update_conversions(Connection& connection, std::int64_t batch, const std::vector<StoredConversion>& conversions,
                        const std::vector<const PostbackFact*>& keys);

}  // namespace tributary::ingest
