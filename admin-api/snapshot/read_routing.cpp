#include <boost/json/parse.hpp>
#include <unordered_map>

#include "admin-api/snapshot/read_model.h"
#include "admin-api/snapshot/read_rules.h"

namespace tributary::admin {
namespace {

// $1: ids of campaigns, $2: of rotations, or null for everything. What destinations overflow into comes with them.
constexpr const char* kDestinations = R"sql(
WITH RECURSIVE wanted (id) AS (
  SELECT sd.destination_id
  FROM config.stream_destinations AS sd JOIN config.streams AS s ON s.id = sd.stream_id
  WHERE s.campaign_id = ANY ($1::integer[]) OR s.rotation_id = ANY ($2::integer[])
  UNION
  SELECT d.overflow_id FROM wanted JOIN config.destinations AS d ON d.id = wanted.id WHERE d.overflow_id IS NOT NULL
)
SELECT d.id, d.state, d.url, coalesce(d.network_id, 0), coalesce(o.id, 0),
       coalesce(d.payout * 1000000, 0)::bigint, d.currency,
       CASE WHEN d.redirect_kind IS NULL THEN 0 ELSE d.redirect_status END, coalesce(d.redirect_kind, '')
FROM config.destinations AS d
LEFT JOIN config.destinations AS o ON o.id = d.overflow_id AND o.state <> 'deleted'
WHERE d.state <> 'deleted' AND ($1::integer[] IS NULL OR d.id IN (SELECT id FROM wanted))
ORDER BY d.id)sql";

// Outside of its dates, and while its team does not work, a campaign counts as paused. The clock is the generation's.
constexpr const char* kCampaigns = R"sql(
SELECT c.id, c.team_id,
       CASE WHEN t.state = 'active' AND coalesce(c.starts_at <= g.changed_at, true)
                 AND coalesce(c.ends_at > g.changed_at, true)
            THEN c.state ELSE 'paused' END,
       c.host, c.slug, c.stream_order = 'weight', coalesce(c.source_id, 0),
       coalesce(c.currency, src.currency, 'USD'), c.trafficback,
       CASE WHEN coalesce(c.cost_model, src.cost_model, 'cpc') IN ('cpc', 'auto') THEN (c.cost * 1000000)::bigint
            WHEN coalesce(c.cost_model, src.cost_model) = 'cpm' THEN round(c.cost * 1000)::bigint
            ELSE 0 END,
       c.uniqueness_window_s, c.landing_url, c.next_hops::text, coalesce(c.rotation_id, 0),
       CASE WHEN c.rotation_id IS NULL THEN '[]' ELSE coalesce(to_json(k.slots)::text, '[]') END
FROM config.campaigns AS c
JOIN config.teams AS t ON t.id = c.team_id
LEFT JOIN config.campaign_rotation_slots AS k ON k.campaign_id = c.id
LEFT JOIN config.sources AS src ON src.id = c.source_id AND src.state <> 'deleted'
CROSS JOIN config.generation AS g
WHERE c.state <> 'deleted' AND ($1::integer[] IS NULL OR c.id = ANY ($1::integer[]))
ORDER BY c.id)sql";

constexpr const char* kRotations = R"sql(
SELECT r.id FROM config.rotations AS r
WHERE r.state <> 'deleted' AND ($1::integer[] IS NULL OR r.id = ANY ($2::integer[]))
ORDER BY r.id)sql";

// Those that are asked for and those that campaigns name.
constexpr const char* kRotationsOfPart = R"sql(
SELECT ARRAY(SELECT unnest($2::integer[])
             UNION
             SELECT rotation_id FROM config.campaigns
             WHERE id = ANY ($1::integer[]) AND rotation_id IS NOT NULL)::text)sql";

// Streams of a campaign that has a rotation rest.
constexpr const char* kStreams = R"sql(
SELECT s.id, coalesce(c.id, 0), s.kind, s.position, s.weight, s.state, s.selector,
       coalesce(s.rotation_slot, s.rotation_place), s.redirect_status,
       s.trafficback, s.anti_repeat_window_s, s.exploration_percent, s.minimum_sample, s.redirect_kind, coalesce(r.id, 0),
       coalesce(s.lander_rotation_slot, 0)
FROM config.streams AS s
LEFT JOIN config.campaigns AS c ON c.id = s.campaign_id AND c.state <> 'deleted' AND c.rotation_id IS NULL
LEFT JOIN config.rotations AS r ON r.id = s.rotation_id AND r.state <> 'deleted'
WHERE s.state <> 'deleted' AND num_nonnulls(c.id, r.id) = 1
  AND ($1::integer[] IS NULL OR s.campaign_id = ANY ($1::integer[]) OR s.rotation_id = ANY ($2::integer[]))
ORDER BY s.campaign_id, s.rotation_id, s.position, s.id)sql";

constexpr const char* kStreamDestinations = R"sql(
SELECT sd.stream_id, sd.destination_id, sd.weight
FROM config.stream_destinations AS sd
JOIN config.destinations AS d ON d.id = sd.destination_id AND d.state <> 'deleted'
WHERE $1::integer[] IS NULL
   OR sd.stream_id IN (SELECT id FROM config.streams
                       WHERE campaign_id = ANY ($1::integer[]) OR rotation_id = ANY ($2::integer[]))
ORDER BY sd.stream_id, sd.position, sd.destination_id)sql";

using DestinationsByStream = std::unordered_map<std::uint32_t, std::vector<model::StreamDestination>>;

std::uint32_t number(const QueryResult& rows, int row, int column) {
  return static_cast<std::uint32_t>(rows.integer(row, column));
}

model::StreamKind kind_from(std::string_view word) {
  if (word == "forced") return model::StreamKind::forced;
  return word == "default" ? model::StreamKind::default_stream : model::StreamKind::regular;
}

model::Selector selector_from(std::string_view word) {
  if (word == "waterfall") return model::Selector::waterfall;
  if (word == "round_robin") return model::Selector::round_robin;
  if (word == "sticky") return model::Selector::sticky;
  return word == "best_roi" ? model::Selector::best_roi : model::Selector::weighted;
}

model::RedirectKind redirect_kind_from(std::string_view word) {
  if (word == "meta") return model::RedirectKind::meta;
  if (word == "javascript") return model::RedirectKind::javascript;
  if (word == "hide_referrer") return model::RedirectKind::hide_referrer;
  return word == "json" ? model::RedirectKind::json : model::RedirectKind::http;
}

Params campaign_parameter(const OnlyPart& only) {
  Params params;
  add_optional(params, only ? OnlyIds(only->campaigns) : OnlyIds());
  return params;
}

QueryResult select(ScopedTransaction& transaction, const char* sql, const OnlyPart& only) {
  return transaction.execute(sql, part_parameters(only));
}

void read_destinations(ScopedTransaction& transaction, model::Snapshot& snapshot, const OnlyPart& only) {
  const auto rows = select(transaction, kDestinations, only);
  snapshot.destinations.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) {
    model::Destination destination;
    destination.id = number(rows, row, 0);
    destination.state = state_from(rows.text(row, 1));
    destination.url = std::string(rows.text(row, 2));
    destination.network = number(rows, row, 3);
    destination.overflow = number(rows, row, 4);
    destination.payout_micros = rows.integer(row, 5);
    destination.currency = std::string(rows.text(row, 6));
    destination.redirect_status = static_cast<std::uint16_t>(rows.integer(row, 7));
    destination.redirect_kind = redirect_kind_from(rows.text(row, 8));
    snapshot.destinations.push_back(std::move(destination));
  }
  read_destination_rules(transaction, snapshot.destinations, !only.has_value());
}

DestinationsByStream read_stream_destinations(ScopedTransaction& transaction, const OnlyPart& only) {
  const auto rows = select(transaction, kStreamDestinations, only);
  DestinationsByStream destinations;
  for (int row = 0; row < rows.rows(); ++row) {
    destinations[number(rows, row, 0)].push_back({number(rows, row, 1), number(rows, row, 2)});
  }
  return destinations;
}

model::Stream read_stream(const QueryResult& rows, int row, DestinationsByStream& destinations,
                          LandersByStream& landers, ConditionsByStream& conditions) {
  model::Stream stream;
  stream.id = number(rows, row, 0);
  stream.kind = kind_from(rows.text(row, 2));
  stream.priority = static_cast<std::int32_t>(rows.integer(row, 3));
  stream.weight = number(rows, row, 4);
  stream.state = state_from(rows.text(row, 5));
  stream.selector = selector_from(rows.text(row, 6));
  stream.rotation_slot = number(rows, row, 7);
  stream.redirect_status = static_cast<std::uint16_t>(rows.integer(row, 8));
  stream.trafficback = std::string(rows.text(row, 9));
  stream.anti_repeat_window_s = number(rows, row, 10);
  stream.exploration_percent = static_cast<std::uint8_t>(rows.integer(row, 11));
  stream.minimum_sample = number(rows, row, 12);
  stream.redirect_kind = redirect_kind_from(rows.text(row, 13));
  stream.lander_rotation_slot = number(rows, row, 15);
  stream.landers = std::move(landers[stream.id]);
  stream.destinations = std::move(destinations[stream.id]);
  stream.conditions = std::move(conditions[stream.id]);
  return stream;
}

model::Campaign read_campaign(const QueryResult& rows, int row) {
  model::Campaign campaign;
  campaign.id = number(rows, row, 0);
  campaign.team = uuid_from(rows.uuid(row, 1));
  campaign.state = state_from(rows.text(row, 2));
  campaign.host = std::string(rows.text(row, 3));
  campaign.slug = std::string(rows.text(row, 4));
  campaign.stream_order = rows.boolean(row, 5) ? model::StreamOrder::weight : model::StreamOrder::priority;
  campaign.source = number(rows, row, 6);
  campaign.currency = std::string(rows.text(row, 7));
  campaign.trafficback = std::string(rows.text(row, 8));
  campaign.cost_micros = rows.integer(row, 9);
  campaign.uniqueness_window_s = number(rows, row, 10);
  campaign.landing = std::string(rows.text(row, 11));
  const auto allowed = boost::json::parse({rows.text(row, 12).data(), rows.text(row, 12).size()});
  for (const auto& beginning : allowed.as_array()) campaign.next_hops.emplace_back(beginning.as_string());
  campaign.rotation = number(rows, row, 13);
  const auto slots = boost::json::parse({rows.text(row, 14).data(), rows.text(row, 14).size()});
  for (const auto& slot : slots.as_array()) campaign.rotation_slots.push_back(slot.to_number<std::uint32_t>());
  return campaign;
}

void read_streams(ScopedTransaction& transaction, model::Snapshot& snapshot, const OnlyPart& only) {
  std::unordered_map<std::uint32_t, std::vector<model::Stream>*> of_campaign;
  for (auto& campaign : snapshot.campaigns) of_campaign.emplace(campaign.id, &campaign.streams);
  std::unordered_map<std::uint32_t, std::vector<model::Stream>*> of_rotation;
  for (auto& rotation : snapshot.rotations) of_rotation.emplace(rotation.id, &rotation.streams);
  auto destinations = read_stream_destinations(transaction, only);
  auto landers = read_landers(transaction, snapshot, only);
  auto conditions = read_conditions(transaction, only);
  const auto streams = select(transaction, kStreams, only);
  for (int row = 0; row < streams.rows(); ++row) {
    const auto campaign = number(streams, row, 1);
    const auto& owners = campaign != 0 ? of_campaign : of_rotation;
    const auto found = owners.find(campaign != 0 ? campaign : number(streams, row, 14));
    if (found == owners.end()) continue;
    found->second->push_back(read_stream(streams, row, destinations, landers, conditions));
  }
}

}  // namespace

Params part_parameters(const OnlyPart& only) {
  Params params = campaign_parameter(only);
  add_optional(params, only ? OnlyIds(only->rotations) : OnlyIds());
  return params;
}

void read_routing(ScopedTransaction& transaction, model::Snapshot& snapshot, OnlyPart only) {
  if (only) only->rotations = std::string(select(transaction, kRotationsOfPart, only).text(0, 0));
  read_destinations(transaction, snapshot, only);
  const auto campaigns = transaction.execute(kCampaigns, campaign_parameter(only));
  snapshot.campaigns.reserve(static_cast<std::size_t>(campaigns.rows()));
  for (int row = 0; row < campaigns.rows(); ++row) snapshot.campaigns.push_back(read_campaign(campaigns, row));
  const auto rotations = select(transaction, kRotations, only);
  for (int row = 0; row < rotations.rows(); ++row) snapshot.rotations.push_back({number(rotations, row, 0), {}});
  read_streams(transaction, snapshot, only);
}

}  // namespace tributary::admin
