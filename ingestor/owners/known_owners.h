#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "ingestor/owners/owner.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// What ingestion has to know of the configuration: the copies events.known_campaigns, known_networks and
// known_affiliates. All of it is kept in memory; something unknown is asked for once and then again after 1, 2, 4 ...
// 64 seconds, so that a campaign made a moment ago is found and traffic to one that never existed costs little. Safe
// for several threads. Throws PostgresError when the database is away.
class KnownOwners {
 public:
  explicit KnownOwners(const ConnectOptions& options);

  Owner campaign(std::int32_t id);
  NetworkFacts network(std::int32_t id);
  TeamId affiliate_team(std::int32_t id);
  void reload();

 private:
  void load_campaigns(const std::string& condition, const Params& params);
  void load_networks(const std::string& condition, const Params& params);
  void load_affiliates(const std::string& condition, const Params& params);
  struct Asked {
    std::int64_t again_s = 0;
    std::int64_t wait_s = 1;
  };
  using AskedIds = std::unordered_map<std::int32_t, Asked>;
  static bool may_ask_again(AskedIds& asked, std::int32_t id);

  std::mutex mutex_;
  Connection connection_;
  std::unordered_map<std::int32_t, Owner> campaigns_;
  std::unordered_map<std::int32_t, NetworkFacts> networks_;
  std::unordered_map<std::int32_t, TeamId> affiliates_;
  AskedIds asked_campaigns_;  // unknown ids
  AskedIds asked_networks_;
  AskedIds asked_affiliates_;
};

}  // namespace tributary::ingest
