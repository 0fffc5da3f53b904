#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ingestor/outbound/entry.h"
#include "ingestor/settings.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// The statements of a sender on events.outbox. Any number of senders work on one outbox: a lease says who owns an
// entry, and ends by itself.
class OutboxStore {
 public:
  // `sender` names this process and this life of it.
  OutboxStore(const OutboundSettings& settings, Connection connection, std::string sender);

  // Leases entries that are due, none of `busy_hosts`: of each conversion and template the oldest unfinished one only.
  std::vector<OutboxEntry> claim(std::size_t most, const std::vector<std::string>& busy_hosts);

  struct Recorded {
    std::vector<std::int32_t> paused;  // templates
  };
  // All in one transaction: attempts, what becomes of the entries, how the peers are doing.
  Recorded record(const std::vector<OutboxResult>& results);

  // Gives back entries that were not sent.
  void release(const std::vector<OutboxEntry>& entries);

  struct Backlog {
    double lag_s = 0;  // since the oldest entry that nothing holds up was due; 0: there is none
    std::int64_t paused = 0;
  };
  Backlog backlog();

 private:
  void finish(const OutboxResult& result);
  bool note_failure(const OutboxResult& result);

  const OutboundSettings& settings_;
  Connection connection_;
  std::string sender_;
};

}  // namespace tributary::ingest
