#include "ingestor/commission/settlement.h"

#include <set>

#include "platform/postgres/binary.h"

namespace tributary::ingest {
namespace {

// Teams with rules, and those with campaigns whose conversions cost. Whoever makes the first rule of a team holds the
// lock alone: what we did not see of it begins after we have committed.
struct Terms {
  const char* lock;
  const char* teams;
};
constexpr Terms kRules{"SELECT pg_advisory_xact_lock_shared(hashtext('events.known_commissions'))",
                       "SELECT DISTINCT team FROM events.known_commissions"};
constexpr Terms kCosts{"SELECT pg_advisory_xact_lock_shared(hashtext('events.known_conversion_costs'))",
                       "SELECT DISTINCT team FROM events.known_conversion_costs"};
constexpr const char* kCharge = "SELECT events.charge_conversions($1::bigint[], $2)";
constexpr const char* kSettle = "SELECT events.settle_commissions($1::bigint[], $2::integer[], $3::uuid[])";
constexpr const char* kSettleMoved = "SELECT events.settle_moved_events()";
constexpr int kMaxRounds = 20;  // the next time goes on

using Out = BinaryWriter&;

std::set<TeamId> lock_teams(Connection& connection, const Terms& terms) {
  connection.execute(terms.lock);
  const QueryResult rows = connection.execute(terms.teams);  // its snapshot is taken after the lock
  std::set<TeamId> teams;
  for (int row = 0; row < rows.rows(); ++row) teams.insert(rows.uuid(row, 0));
  return teams;
}

template <typename Item>
void keep_those_of(const std::set<TeamId>& teams, std::vector<Item>& items) {
  std::erase_if(items, [&](const Item& item) { return !teams.contains(item.team); });
}

}  // namespace

void Settlement::add_event(std::uint64_t id_high, std::uint64_t id_low, const TeamId& team) {
  events_.push_back({id_high, id_low, team});
}

void Settlement::charge(std::int64_t batch) {
  if (charged_.empty()) return;
  keep_those_of(lock_teams(connection_, kCosts), charged_);
  if (charged_.empty()) return;
  Params params;
  params.array(oid::kInt8Array, oid::kInt8, charged_, [](Out out, const Charged& item) { out.int8(item.id); });
  connection_.execute(kCharge, params.int8(batch));
}

void Settlement::settle() {
  if (conversions_.empty() && events_.empty()) return;
  const std::set<TeamId> teams = lock_teams(connection_, kRules);
  keep_those_of(teams, conversions_);
  keep_those_of(teams, events_);
  if (conversions_.empty() && events_.empty()) return;
  Params params;
  params.array(oid::kInt8Array, oid::kInt8, conversions_, [](Out out, const Conversion& item) { out.int8(item.id); });
  params.array(oid::kInt4Array, oid::kInt4, conversions_,
               [](Out out, const Conversion& item) { out.int4(item.old_partner); });
  params.array(oid::kUuidArray, oid::kUuid, events_,
               [](Out out, const Event& item) { out.uuid(item.id_high, item.id_low); });
  connection_.execute(kSettle, params);
}

std::uint64_t settle_moved_events(Connection& connection) {
  std::uint64_t settled = 0;
  for (int round = 0; round < kMaxRounds; ++round) {
    const auto moved = connection.execute(kSettleMoved).integer(0, 0);
    if (moved == 0) break;
    settled += static_cast<std::uint64_t>(moved);
  }
  return settled;
}

}  // namespace tributary::ingest
