#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "ingestor/owners/owner.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// What one transaction changed that partners can earn by and that sources may have to be paid for. PostgreSQL compares
// what they earn with what the ledger says, and what conversions cost with what the rollup has, and books the
// difference (events.settle_commissions, events.charge_conversions): nothing is booked twice, whatever is stored again.
class Settlement {
 public:
  explicit Settlement(Connection& connection) : connection_(connection) {}

  // A new one is nobody's yet: whose it is, is known when the sweeper has found its click.
  void add_new_conversion(std::int64_t id, const TeamId& team);
  // `old_partner` is whose it was before this transaction; 0: nobody's.
  void add_conversion(std::int64_t id, const TeamId& team, std::int32_t old_partner);
  void add_event(std::uint64_t id_high, std::uint64_t id_low, const TeamId& team);

  // After the conversions are written.
  void charge(std::int64_t batch);
  // The last step of the transaction: whoever settles for the same partners waits until it is committed.
  void settle();

 private:
  bool has_rules(const TeamId& team);
  bool has_costs(const TeamId& team);

  Connection& connection_;
  // Those with rules, and those with campaigns whose conversions cost: asked for when there is something to book.
  std::optional<std::set<TeamId>> teams_with_rules_;
  std::optional<std::set<TeamId>> teams_with_costs_;
  std::vector<std::pair<std::int64_t, std::int32_t>> conversions_;
  std::vector<std::int64_t> charged_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> events_;
};

// Events whose attribution was changed since they were stored; returns how many.
std::uint64_t settle_moved_events(Connection& connection);

}  // namespace tributary::ingest
