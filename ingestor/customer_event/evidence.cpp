#include "ingestor/customer_event/evidence.h"

#include <algorithm>
#include <set>

#include "core/base/utf8.h"
#include "core/click_id/click_uuid.h"

namespace tributary::ingest {
namespace {

constexpr const char* kAdvertisers = R"sql(
  SELECT advertiser, team, window_days, array_to_string(matchers, ',')
  FROM events.known_advertisers
  WHERE advertiser = ANY ($1))sql";

constexpr const char* kCoupons = R"sql(
  SELECT given.place - 1, k.coupon, k.campaign, k.affiliate,
    (extract(epoch FROM k.valid_from) * 1000000)::bigint, (extract(epoch FROM k.valid_until) * 1000000)::bigint
  FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS given (advertiser, code, place)
  JOIN events.known_coupons AS k ON k.advertiser = given.advertiser AND k.code = upper(given.code))sql";

constexpr const char* kLinks = R"sql(
  SELECT k.code, k.link, k.campaign, k.affiliate, k.team, coalesce(c.advertiser, 0)
  FROM unnest($1::text[]) AS given (code)
  JOIN events.known_links AS k ON k.code = given.code
  LEFT JOIN events.known_campaigns AS c ON c.campaign = k.campaign)sql";

constexpr const char* kClicks = R"sql(
  SELECT given.place - 1, k.campaign, k.affiliate, k.link, k.team, coalesce(c.advertiser, 0)
  FROM unnest($1::uuid[], $2::timestamptz[]) WITH ORDINALITY AS given (id, time, place)
  CROSS JOIN LATERAL (
    SELECT campaign, affiliate, link, team
    FROM events.clicks AS e
    WHERE e.id = given.id AND e.time = given.time
    LIMIT 1
  ) AS k
  LEFT JOIN events.known_campaigns AS c ON c.campaign = k.campaign)sql";

// The earliest in the window of the oldest event: first touch is among them.
constexpr std::size_t kMaxTouches = 1000;  // of one customer, as read below
constexpr const char* kTouches = R"sql(
  SELECT k.advertiser, k.customer_key, (extract(epoch FROM k.time) * 1000000)::bigint, k.click, k.campaign, k.affiliate,
    k.link
  FROM unnest($1::integer[], $2::text[], $3::timestamptz[]) AS given (advertiser, customer_key, since)
  CROSS JOIN LATERAL (
    SELECT *
    FROM events.customer_touches AS e
    WHERE e.advertiser = given.advertiser AND e.customer_key = given.customer_key AND e.time >= given.since
    ORDER BY e.time
    LIMIT 1000
  ) AS k)sql";

using Facts = std::vector<const CustomerFact*>;

template <typename Wanted>
Facts those(const std::vector<CustomerFact>& facts, Wanted wanted) {
  Facts out;
  for (const CustomerFact& fact : facts) {
    if (wanted(fact)) out.push_back(&fact);
  }
  return out;
}

using Out = BinaryWriter&;
using In = const CustomerFact* const&;

Params& advertiser_column(Params& params, const Facts& facts) {
  return params.array(oid::kInt4Array, oid::kInt4, facts,
                      [](Out out, In fact) { out.int4(static_cast<std::int32_t>(fact->event.advertiser)); });
}

AttributionRules rules_of(std::string_view matchers, std::int64_t window_days) {
  AttributionRules rules;
  rules.window_us = window_days * 86'400 * 1'000'000;
  rules.count = 0;
  while (!matchers.empty()) {
    const auto name = matchers.substr(0, matchers.find(','));
    matchers.remove_prefix(std::min(name.size() + 1, matchers.size()));
    const auto matcher = find_matcher(name);
    if (matcher && rules.count < kMatcherCount) rules.matchers[rules.count++] = *matcher;
  }
  return rules;
}

std::uint32_t number(const QueryResult& rows, int row, int column) {
  return static_cast<std::uint32_t>(rows.integer(row, column));
}

// A campaign without an advertiser is open to those of its team.
template <typename Record>
bool is_foreign(const Record& record, const TeamId& team, std::uint32_t advertiser) {
  const bool of_another = record.advertiser != 0 && record.advertiser != static_cast<std::int32_t>(advertiser);
  return record.team != team || of_another;
}

// Clicks of customers are remembered for longer than clicks.
std::optional<ClickFacts> touch_of(std::span<const ClickFacts> touches, const ClickIdentity& click) {
  const auto touch = std::find_if(touches.begin(), touches.end(), [&](const ClickFacts& t) { return t.id == click; });
  return touch == touches.end() ? std::nullopt : std::optional(*touch);
}

}  // namespace

std::string ref_code_of(std::string_view url) {
  std::array<char, 256> buffer;
  std::string code;
  append_clean_text(ref_code_in(url, buffer), code);
  return code;
}

EvidenceBook::EvidenceBook(Connection& connection, const std::vector<CustomerFact>& facts) {
  load_advertisers(connection, facts);
  load_coupons(connection, facts);
  load_links(connection, facts);
  load_clicks(connection, facts);
  load_touches(connection, facts);
}

void EvidenceBook::load_advertisers(Connection& connection, const std::vector<CustomerFact>& facts) {
  Params params;
  const QueryResult rows =
      connection.execute(kAdvertisers, advertiser_column(params, those(facts, [](const auto&) { return true; })));
  for (int row = 0; row < rows.rows(); ++row) {
    advertisers_[number(rows, row, 0)] = {rows.uuid(row, 1), rules_of(rows.text(row, 3), rows.integer(row, 2))};
  }
}

void EvidenceBook::load_coupons(Connection& connection, const std::vector<CustomerFact>& facts) {
  const Facts given = those(facts, [](const CustomerFact& fact) { return !fact.coupon_code.empty(); });
  if (given.empty()) return;
  Params params;
  advertiser_column(params, given).array(oid::kTextArray, oid::kText, given, [](Out out, In fact) {
    out.text(fact->coupon_code);
  });
  const QueryResult rows = connection.execute(kCoupons, params);
  for (int row = 0; row < rows.rows(); ++row) {
    const CustomerFact& fact = *given[static_cast<std::size_t>(rows.integer(row, 0))];
    CouponFacts coupon{number(rows, row, 1), number(rows, row, 2), number(rows, row, 3)};
    if (!rows.is_null(row, 4)) coupon.valid_from_us = rows.integer(row, 4);
    if (!rows.is_null(row, 5)) coupon.valid_until_us = rows.integer(row, 5);
    coupons_[{fact.event.advertiser, fact.coupon_code}] = coupon;
  }
}

void EvidenceBook::load_links(Connection& connection, const std::vector<CustomerFact>& facts) {
  std::set<std::string> codes;
  for (const CustomerFact& fact : facts) {
    codes.insert({fact.ref_code, ref_code_of(fact.landing_url), ref_code_of(fact.referrer)});
  }
  codes.erase("");
  if (codes.empty()) return;
  const QueryResult rows = connection.execute(
      kLinks, Params().array(oid::kTextArray, oid::kText, codes, [](Out out, const std::string& c) { out.text(c); }));
  for (int row = 0; row < rows.rows(); ++row) {
    links_[std::string(rows.text(row, 0))] = {
        .facts = {.id = number(rows, row, 1), .campaign = number(rows, row, 2), .partner = number(rows, row, 3)},
        .team = rows.uuid(row, 4),
        .advertiser = static_cast<std::int32_t>(rows.integer(row, 5))};
  }
}

void EvidenceBook::load_clicks(Connection& connection, const std::vector<CustomerFact>& facts) {
  const Facts given = those(facts, [](const CustomerFact& fact) { return !fact.event.click.empty(); });
  if (given.empty()) return;
  Params params;
  params.array(oid::kUuidArray, oid::kUuid, given,
               [](Out out, In fact) { out.uuid(fact->event.click.high, fact->event.click.low); });
  params.array(oid::kTimestamptzArray, oid::kTimestamptz, given,
               [](Out out, In fact) { out.timestamptz(static_cast<std::int64_t>(click_time_us(fact->event.click))); });
  const QueryResult rows = connection.execute(kClicks, params);
  for (int row = 0; row < rows.rows(); ++row) {
    const ClickIdentity id = given[static_cast<std::size_t>(rows.integer(row, 0))]->event.click;
    clicks_[{id.high, id.low}] = {.facts = {.id = id,
                                            .time_us = static_cast<std::int64_t>(click_time_us(id)),
                                            .campaign = number(rows, row, 1),
                                            .partner = number(rows, row, 2),
                                            .link = number(rows, row, 3)},
                                  .team = rows.uuid(row, 4),
                                  .advertiser = static_cast<std::int32_t>(rows.integer(row, 5))};
  }
}

// Touches are stored for clicks that are the advertiser's own.
void EvidenceBook::load_touches(Connection& connection, const std::vector<CustomerFact>& facts) {
  std::map<CustomerKey, std::int64_t> since_us;
  for (const CustomerFact& fact : facts) {
    if (fact.customer_key.empty()) continue;
    const std::int64_t since = static_cast<std::int64_t>(fact.header.time_us) - advertiser(fact).rules.window_us;
    const auto known = since_us.try_emplace({fact.event.advertiser, fact.customer_key}, since).first;
    known->second = std::min(known->second, since);
  }
  if (since_us.empty()) return;
  using Item = const decltype(since_us)::value_type&;
  Params params;
  params.array(oid::kInt4Array, oid::kInt4, since_us,
               [](Out out, Item item) { out.int4(static_cast<std::int32_t>(item.first.first)); });
  params.array(oid::kTextArray, oid::kText, since_us, [](Out out, Item item) { out.text(item.first.second); });
  params.array(oid::kTimestamptzArray, oid::kTimestamptz, since_us,
               [](Out out, Item item) { out.timestamptz(item.second); });
  const QueryResult rows = connection.execute(kTouches, params);
  for (int row = 0; row < rows.rows(); ++row) {
    touches_[{number(rows, row, 0), std::string(rows.text(row, 1))}].push_back({.id = click_identity(rows.uuid(row, 3)),
                                                                                .time_us = rows.integer(row, 2),
                                                                                .campaign = number(rows, row, 4),
                                                                                .partner = number(rows, row, 5),
                                                                                .link = number(rows, row, 6)});
  }
}

const AdvertiserFacts& EvidenceBook::advertiser(const CustomerFact& fact) const {
  static const AdvertiserFacts unknown;
  const auto known = advertisers_.find(fact.event.advertiser);
  return known == advertisers_.end() ? unknown : known->second;
}

Proof<LinkFacts> EvidenceBook::link(const CustomerFact& fact, std::string_view code) const {
  Proof<LinkFacts> proof{.given = !code.empty(), .found = {}};
  const auto known = links_.find(code);
  if (known == links_.end()) return proof;
  proof.found = known->second.facts;
  proof.found->foreign = is_foreign(known->second, advertiser(fact).team, fact.event.advertiser);
  return proof;
}

Proof<ClickFacts> EvidenceBook::click(const CustomerFact& fact) const {
  Proof<ClickFacts> proof{.given = !fact.click_text.empty(), .found = {}};
  const auto known = clicks_.find({fact.event.click.high, fact.event.click.low});
  if (known == clicks_.end()) return proof;
  proof.found = known->second.facts;
  proof.found->foreign = is_foreign(known->second, advertiser(fact).team, fact.event.advertiser);
  return proof;
}

void EvidenceBook::remember(const CustomerFact& fact, const ClickFacts& click) {
  auto& touches = touches_[{fact.event.advertiser, fact.customer_key}];
  if (touches.size() < kMaxTouches) touches.push_back(click);
}

Evidence EvidenceBook::evidence(const CustomerFact& fact) const {
  Evidence evidence{.time_us = static_cast<std::int64_t>(fact.header.time_us)};
  evidence.coupon.given = !fact.coupon_code.empty();
  const auto coupon = coupons_.find({fact.event.advertiser, fact.coupon_code});
  if (coupon != coupons_.end()) evidence.coupon.found = coupon->second;
  evidence.ref_code = link(fact, fact.ref_code);
  evidence.landing_url = link(fact, ref_code_of(fact.landing_url));
  evidence.referrer = link(fact, ref_code_of(fact.referrer));
  evidence.click = click(fact);
  const auto touches = touches_.find({fact.event.advertiser, fact.customer_key});
  if (touches != touches_.end()) evidence.touches = touches->second;
  if (!evidence.click.found) evidence.click.found = touch_of(evidence.touches, fact.event.click);
  return evidence;
}

}  // namespace tributary::ingest
