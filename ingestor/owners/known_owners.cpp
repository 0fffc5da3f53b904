#include "ingestor/owners/known_owners.h"

#include <algorithm>
#include <ctime>

namespace tributary::ingest {
namespace {

constexpr std::size_t kMaxUnknown = 100'000;  // remembered unknown ids; a hostile stream must not grow them for ever
constexpr std::int64_t kLongestWaitS = 64;

// A row for each event with a policy of its own, or one with null.
const std::string kNetworks = R"sql(
  SELECT network, team, back_to_sale, payout_is_earned, duplicates, lower(own.key), own.value
  FROM events.known_networks
  LEFT JOIN LATERAL jsonb_each_text(event_duplicates) AS own ON true)sql";

}  // namespace

KnownOwners::KnownOwners(const ConnectOptions& options) : connection_(options) {
  reload();
}

void KnownOwners::reload() {
  const std::lock_guard lock(mutex_);
  load_campaigns("", {});
  load_networks("", {});
  load_affiliates("", {});
}

Owner KnownOwners::campaign(std::int32_t id) {
  if (id == 0) return {};
  const std::lock_guard lock(mutex_);
  auto found = campaigns_.find(id);
  if (found == campaigns_.end() && may_ask_again(asked_campaigns_, id)) {
    load_campaigns(" WHERE campaign = $1", Params().int4(id));
    found = campaigns_.find(id);
  }
  if (found != campaigns_.end()) return found->second;
  Owner unknown;
  unknown.campaign = id;
  return unknown;
}

NetworkFacts KnownOwners::network(std::int32_t id) {
  if (id == 0) return {};
  const std::lock_guard lock(mutex_);
  auto found = networks_.find(id);
  if (found == networks_.end() && may_ask_again(asked_networks_, id)) {
    load_networks(" WHERE network = $1", Params().int4(id));
    found = networks_.find(id);
  }
  return found == networks_.end() ? NetworkFacts{} : found->second;
}

TeamId KnownOwners::affiliate_team(std::int32_t id) {
  if (id == 0) return {};
  const std::lock_guard lock(mutex_);
  auto found = affiliates_.find(id);
  if (found == affiliates_.end() && may_ask_again(asked_affiliates_, id)) {
    load_affiliates(" WHERE affiliate = $1", Params().int4(id));
    found = affiliates_.find(id);
  }
  return found == affiliates_.end() ? TeamId{} : found->second;
}

bool KnownOwners::may_ask_again(AskedIds& asked, std::int32_t id) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  if (asked.size() > kMaxUnknown) asked.clear();
  Asked& unknown = asked[id];
  if (now.tv_sec < unknown.again_s) return false;
  unknown.again_s = now.tv_sec + unknown.wait_s;
  unknown.wait_s = std::min(unknown.wait_s * 2, kLongestWaitS);
  return true;
}

void KnownOwners::load_campaigns(const std::string& condition, const Params& params) {
  const QueryResult rows = connection_.execute(
      "SELECT campaign, team, advertiser, bucket_minutes, currency FROM events.known_campaigns" + condition, params);
  for (int row = 0; row < rows.rows(); ++row) {
    Owner owner;
    owner.campaign = static_cast<std::int32_t>(rows.integer(row, 0));
    owner.team = rows.uuid(row, 1);
    owner.advertiser = static_cast<std::int32_t>(rows.integer(row, 2));
    owner.bucket_minutes = static_cast<std::int32_t>(rows.integer(row, 3));
    owner.currency = rows.text(row, 4);
    campaigns_.insert_or_assign(owner.campaign, owner);
  }
}

void KnownOwners::load_networks(const std::string& condition, const Params& params) {
  const QueryResult rows = connection_.execute(kNetworks + condition + " ORDER BY network", params);
  std::map<std::int32_t, NetworkFacts> loaded;
  for (int row = 0; row < rows.rows(); ++row) {
    NetworkFacts& network = loaded[static_cast<std::int32_t>(rows.integer(row, 0))];
    network.team = rows.uuid(row, 1);
    network.back_to_sale = rows.boolean(row, 2);
    network.payout_is_earned = rows.boolean(row, 3);
    network.duplicates = find_duplicate_policy(rows.text(row, 4)).value_or(DuplicatePolicy::update);
    if (rows.is_null(row, 5)) continue;
    if (const auto policy = find_duplicate_policy(rows.text(row, 6))) {
      network.event_duplicates[std::string(rows.text(row, 5))] = *policy;
    }
  }
  for (auto& [id, network] : loaded) networks_.insert_or_assign(id, std::move(network));
}

void KnownOwners::load_affiliates(const std::string& condition, const Params& params) {
  const QueryResult rows =
      connection_.execute("SELECT affiliate, team FROM events.known_affiliates" + condition, params);
  for (int row = 0; row < rows.rows(); ++row) {
    affiliates_.insert_or_assign(static_cast<std::int32_t>(rows.integer(row, 0)), rows.uuid(row, 1));
  }
}

}  // namespace tributary::ingest
