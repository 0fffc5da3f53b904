#include "admin-api/explain/recorded_click.h"

#include <utility>

#include "core/click_id/click_uuid.h"
#include "core/event/event.h"
#include "platform/net/ip_address.h"

namespace tributary::admin {
namespace {

constexpr const char* kCommon = R"sql(
  campaign, reason, labels, epoch, generation, (extract(epoch FROM time) * 1000)::bigint,
  host(address), coalesce(user_agent, ''), coalesce(referrer, ''), coalesce(language, ''), coalesce(host, ''),
  coalesce(query, ''), coalesce(headers, ''), country, continent, region, city, isp, connection, coalesce(asn, 0),
  device, brand, model, os, os_version, browser, browser_version, bot,)sql";

constexpr const char* kClick =
    " stream, destination, 0, uniqueness, lander, 0, NULL FROM events.clicks WHERE id = $1 AND time = $2";
constexpr const char* kTrafficback =
    " stream, 0, level, 0, lander, offer, click FROM events.trafficbacks WHERE id = $1 AND time = $2";
constexpr const char* kLanderClick =
    " stream, destination, 0, 0, lander, offer, click FROM events.lander_clicks WHERE id = $1 AND time = $2";

enum Column {
  campaign,
  reason,
  labels,
  epoch,
  generation,
  time_ms,
  address,
  user_agent,
  referrer,
  language,
  host,
  query,
  headers,
  country,
  continent,
  region,
  city,
  isp,
  connection,
  asn,
  device,
  brand,
  model,
  os,
  os_version,
  browser,
  browser_version,
  bot,
  stream,
  destination,
  level,
  uniqueness,
  lander,
  offer,
  clicked,
};

DeviceType device_of(std::string_view name) {
  for (int number = 1; number <= static_cast<int>(DeviceType::wearable); ++number) {
    if (device_type_name(static_cast<DeviceType>(number)) == name) return static_cast<DeviceType>(number);
  }
  return DeviceType::unknown;
}

// The views of place and agent point into `texts`, which is not touched again.
void read_visitor(const QueryResult& row, RecordedVisitor& visitor) {
  Place& place = visitor.place;
  Agent agent;
  const std::pair<Column, std::string_view*> texts[] = {
      {country, &place.country}, {continent, &place.continent},
      {region, &place.region},   {city, &place.city},
      {isp, &place.isp},         {connection, &place.connection},
      {brand, &agent.brand},     {model, &agent.model},
      {os, &agent.os},           {os_version, &agent.os_version},
      {browser, &agent.browser}, {browser_version, &agent.browser_version}};
  visitor.texts.reserve(std::size(texts));
  for (const auto& [column, view] : texts) *view = visitor.texts.emplace_back(row.text(0, column));
  place.asn = static_cast<std::uint32_t>(row.integer(0, asn));
  if (row.is_null(0, bot)) return;
  agent.device = device_of(row.text(0, device));
  agent.bot = row.boolean(0, bot);
  visitor.agent = agent;
}

AskedClick read_row(const QueryResult& row, const ClickIdentity& id) {
  const auto number = [&](Column column) { return static_cast<std::uint32_t>(row.integer(0, column)); };
  AskedClick click;
  click.id = id;
  click.campaign = number(campaign);
  click.now_ms = static_cast<std::uint64_t>(row.integer(0, time_ms));
  click.labels = number(labels) & ~std::uint32_t{kLabelBot};  // the evaluator finds out anew
  click.generation =
      Generation{static_cast<std::uint16_t>(number(epoch)), static_cast<std::uint64_t>(row.integer(0, generation))};
  click.user_agent = row.text(0, user_agent);
  click.referrer = row.text(0, referrer);
  click.language = row.text(0, language);
  click.host = row.text(0, host);
  click.query = row.text(0, query);
  click.recorded_headers = row.text(0, headers);
  if (const auto ip = IpAddress::parse(row.text(0, address))) {
    click.address.assign(ip->bytes.begin() + (ip->is_v4() ? 12 : 0), ip->bytes.end());
  }
  click.decided = RecordedDecision{
      number(stream),    number(destination), number(lander), number(level), static_cast<int>(number(reason)),
      number(uniqueness)};
  if (!row.is_null(0, clicked)) click.link = RecordedLink{click_identity(row.uuid(0, clicked)), number(offer)};
  read_visitor(row, click.visitor);
  return click;
}

}  // namespace

std::optional<AskedClick> find_recorded_click(ScopedTransaction& transaction, const ClickIdentity& id) {
  for (const char* rest : {kClick, kTrafficback, kLanderClick}) {
    Params params;
    params.uuid(click_uuid(id)).timestamptz(static_cast<std::int64_t>(unpack_click_id(id).time_ms) * 1000);
    const auto rows = transaction.execute("SELECT " + std::string(kCommon) + rest, params);
    if (rows.rows() != 0) return read_row(rows, id);
  }
  return std::nullopt;
}

}  // namespace tributary::admin
