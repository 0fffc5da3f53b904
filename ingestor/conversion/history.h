#pragma once

#include <cstdint>

#include "ingestor/conversion/fold.h"
#include "platform/postgres/binary.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// What each postback of a batch did to its conversion: rows of events.conversion_history.
class HistoryRows {
 public:
  explicit HistoryRows(std::int64_t batch) : batch_(batch) {}

  void add(std::int64_t conversion, const ConversionState& before, const ConversionState& after,
           const PostbackFact& postback);
  void store(Connection& connection);

 private:
  std::int64_t batch_;
  BinaryWriter rows_;
};

}  // namespace tributary::ingest
