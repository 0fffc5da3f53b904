#pragma once

#include <cstdint>
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

  // For whoever stores a call: what it costs is known from the call alone, and finding its click changes nothing of it.
  void add_cost(std::int64_t conversion, const TeamId& team) { charged_.push_back({conversion, team}); }
  // `old_partner` is whose it was before this transaction; 0: nobody's. A new one is nobody's until the sweeper has
  // found its click.
  void add_commission(std::int64_t conversion, const TeamId& team, std::int32_t old_partner) {
    conversions_.push_back({conversion, team, old_partner});
  }
  void add_event(std::uint64_t id_high, std::uint64_t id_low, const TeamId& team);

  // After the conversions are written.
  void charge(std::int64_t batch);
  // The last step of the transaction: whoever settles for the same partners waits until it is committed.
  void settle();

 private:
  struct Charged {
    std::int64_t id = 0;
    TeamId team;
  };
  struct Conversion {
    std::int64_t id = 0;
    TeamId team;
    std::int32_t old_partner = 0;
  };
  struct Event {
    std::uint64_t id_high = 0;
    std::uint64_t id_low = 0;
    TeamId team;
  };

  Connection& connection_;
  std::vector<Conversion> conversions_;
  std::vector<Charged> charged_;
  std::vector<Event> events_;
};

// Events whose attribution was changed since they were stored; returns how many.
std::uint64_t settle_moved_events(Connection& connection);

}  // namespace tributary::ingest
