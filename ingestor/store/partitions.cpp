#include "ingestor/store/partitions.h"

#include "platform/log/log.h"

namespace tributary::ingest {

void Partitions::ensure(Connection& connection, const std::set<std::int32_t>& days) {
  for (const std::int32_t day : days) {
    if (known_.contains(day)) continue;
    const QueryResult made =
        connection.execute("SELECT events.ensure_partition(date '1970-01-01' + $1)", Params().int4(day));
    if (made.integer(0, 0) != 0) log::info("made partitions", {{"day", day}, {"tables", made.integer(0, 0)}});
    known_.insert(day);
  }
}

}  // namespace tributary::ingest
