#pragma once

#include <cstdint>
#include <set>

#include "platform/postgres/connection.h"

namespace tributary::ingest {

// The daily partitions of the raw tables. Remembers which days exist, so that the usual batch asks nothing.
class Partitions {
 public:
  // Makes what is missing for these UTC days (counted since 1970), each in a transaction of its own. Call it outside
  // any transaction.
  void ensure(Connection& connection, const std::set<std::int32_t>& days);
  void forget() noexcept { known_.clear(); }

 private:
  std::set<std::int32_t> known_;
};

}  // namespace tributary::ingest
