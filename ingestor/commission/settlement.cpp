#include "ingestor/commission/settlement.h"

#include "platform/postgres/binary.h"

namespace tributary::ingest {
namespace {

constexpr const char* kTeamsWithRules = "SELECT DISTINCT team FROM events.known_commissions";
constexpr const char* kTeamsWithCosts = "SELECT DISTINCT team FROM events.known_conversion_costs";
constexpr const char* kCharge = "SELECT events.charge_conversions($1::bigint[], $2)";
constexpr const char* kSettle = "SELECT events.settle_commissions($1::bigint[], $2::integer[], $3::uuid[])";
constexpr const char* kSettleMoved = "SELECT events.settle_moved_events()";
constexpr int kMaxRounds = 20;  // the next time goes on

using Out = BinaryWriter&;

// Asked for once.
bool is_one_of(std::optional<std::set<TeamId>>& teams, Connection& connection, const char* query, const TeamId& team) {
  if (!teams) {
    teams.emplace();
    const QueryResult rows = connection.execute(query);
    for (int row = 0; row < rows.rows(); ++row) teams->insert(rows.uuid(row, 0));
  }
  return teams->contains(team);
}

}  // namespace

void Settlement::add_new_conversion(std::int64_t id, const TeamId& team) {
  if (has_costs(team)) charged_.push_back(id);
}

void Settlement::add_conversion(std::int64_t id, const TeamId& team, std::int32_t old_partner) {
  if (has_costs(team)) charged_.push_back(id);
  if (has_rules(team)) conversions_.emplace_back(id, old_partner);
}

void Settlement::add_event(std::uint64_t id_high, std::uint64_t id_low, const TeamId& team) {
  if (has_rules(team)) events_.emplace_back(id_high, id_low);
}

void Settlement::charge(std::int64_t batch) {
  if (charged_.empty()) return;
  Params params;
  params.array(oid::kInt8Array, oid::kInt8, charged_, [](Out out, std::int64_t id) { out.int8(id); });
  connection_.execute(kCharge, params.int8(batch));
}

void Settlement::settle() {
  if (conversions_.empty() && events_.empty()) return;
  Params params;
  params.array(oid::kInt8Array, oid::kInt8, conversions_, [](Out out, const auto& item) { out.int8(item.first); });
  params.array(oid::kInt4Array, oid::kInt4, conversions_, [](Out out, const auto& item) { out.int4(item.second); });
  params.array(oid::kUuidArray, oid::kUuid, events_,
               [](Out out, const auto& item) { out.uuid(item.first, item.second); });
  connection_.execute(kSettle, params);
}

bool Settlement::has_rules(const TeamId& team) {
  return is_one_of(teams_with_rules_, connection_, kTeamsWithRules, team);
}

bool Settlement::has_costs(const TeamId& team) {
  return is_one_of(teams_with_costs_, connection_, kTeamsWithCosts, team);
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
