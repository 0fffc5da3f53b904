#include "ingestor/store/stored_events.h"

#include <string>

#include "core/click_id/click_uuid.h"

namespace tributary::ingest {
namespace {

// Rows of earlier versions say of the click that they name only what they are attributed to.
constexpr const char* kColumns = R"sql(
  SELECT e.advertiser, (extract(epoch FROM e.time) * 1000000)::bigint, e.event_id, coalesce(e.named_click, e.click),
    e.coupon_code, e.ref_code, e.landing_url, e.referrer, coalesce(e.click_text, e.click::text), e.customer_key
)sql";

constexpr const char* kOfKeys = R"sql(
  FROM unnest($1::integer[], $2::timestamptz[], $3::uuid[]) AS given (advertiser, time, event_id)
  JOIN events.customer_events AS e
    ON e.advertiser = given.advertiser AND e.time = given.time AND e.event_id = given.event_id
  ORDER BY e.advertiser, e.time, e.event_id
  FOR UPDATE OF e)sql";

constexpr const char* kOfPeriod = R"sql(
  FROM events.customer_events AS e
  WHERE e.team = $1 AND $2 IN (0, e.advertiser) AND e.time >= $3 AND e.time < $4)sql";

constexpr const char* kNext = R"sql(
    AND (e.advertiser, e.time, e.event_id) > ($5, $6, $7)
  ORDER BY e.advertiser, e.time, e.event_id
  LIMIT 1000)sql";

constexpr const char* kOfCustomers = R"sql(
  FROM unnest($1::integer[], $2::text[], $3::timestamptz[], $4::timestamptz[])
    AS given (advertiser, customer_key, since, until)
  CROSS JOIN LATERAL (
    SELECT time, event_id
    FROM events.customer_events AS k
    WHERE k.advertiser = given.advertiser AND k.customer_key = given.customer_key
      AND k.time >= given.since AND k.time <= given.until
    ORDER BY time
    LIMIT 1000
  ) AS its
  JOIN events.customer_events AS e
    ON e.advertiser = given.advertiser AND e.time = its.time AND e.event_id = its.event_id
  ORDER BY e.advertiser, e.time, e.event_id
  FOR UPDATE OF e)sql";

using Out = BinaryWriter&;

std::vector<CustomerFact> read(const QueryResult& rows) {
  std::vector<CustomerFact> facts(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) {
    CustomerFact& fact = facts[static_cast<std::size_t>(row)];
    const ClickIdentity id = click_identity(rows.uuid(row, 2));
    fact.event.advertiser = static_cast<std::uint32_t>(rows.integer(row, 0));
    fact.header.time_us = static_cast<std::uint64_t>(rows.integer(row, 1));
    fact.event.id_high = id.high;
    fact.event.id_low = id.low;
    if (!rows.is_null(row, 3)) fact.event.click = click_identity(rows.uuid(row, 3));
    int column = 4;
    for (std::string* text :
         {&fact.coupon_code, &fact.ref_code, &fact.landing_url, &fact.referrer, &fact.click_text, &fact.customer_key}) {
      *text = rows.text(row, column++);
    }
  }
  return facts;
}

Params period_params(const EventPeriod& period) {
  Params params;
  params.uuid(period.team).int4(period.advertiser).timestamptz(period.since_us).timestamptz(period.until_us);
  return params;
}

}  // namespace

EventKey key_of(const CustomerFact& fact) {
  return {fact.event.advertiser, static_cast<std::int64_t>(fact.header.time_us), fact.event.id_high, fact.event.id_low};
}

Params& add_event_keys(Params& params, const std::vector<EventKey>& keys) {
  using In = const EventKey&;
  params.array(oid::kInt4Array, oid::kInt4, keys,
               [](Out out, In key) { out.int4(static_cast<std::int32_t>(key.advertiser)); });
  params.array(oid::kTimestamptzArray, oid::kTimestamptz, keys, [](Out out, In key) { out.timestamptz(key.time_us); });
  return params.array(oid::kUuidArray, oid::kUuid, keys, [](Out out, In key) { out.uuid(key.high, key.low); });
}

std::vector<CustomerFact> lock_events(Connection& connection, const std::vector<EventKey>& keys) {
  if (keys.empty()) return {};
  Params params;
  return read(connection.execute(std::string(kColumns) + kOfKeys, add_event_keys(params, keys)));
}

std::int64_t count_events(Connection& connection, const EventPeriod& period) {
  return connection.execute(std::string("SELECT count(*)") + kOfPeriod, period_params(period)).integer(0, 0);
}

std::vector<CustomerFact> read_events(Connection& connection, const EventPeriod& period, const EventKey& last) {
  Params params = period_params(period);
  params.int4(static_cast<std::int32_t>(last.advertiser)).timestamptz(last.time_us);
  params.uuid(click_uuid({last.high, last.low}));
  return read(connection.execute(std::string(kColumns) + kOfPeriod + kNext, params));
}

std::vector<CustomerFact> lock_events(Connection& connection, const std::vector<CustomerSpan>& spans) {
  if (spans.empty()) return {};
  using In = const CustomerSpan&;
  Params params;
  params.array(oid::kInt4Array, oid::kInt4, spans,
               [](Out out, In span) { out.int4(static_cast<std::int32_t>(span.advertiser)); });
  params.array(oid::kTextArray, oid::kText, spans, [](Out out, In span) { out.text(span.customer_key); });
  params.array(oid::kTimestamptzArray, oid::kTimestamptz, spans,
               [](Out out, In span) { out.timestamptz(span.since_us); });
  params.array(oid::kTimestamptzArray, oid::kTimestamptz, spans,
               [](Out out, In span) { out.timestamptz(span.until_us); });
  return read(connection.execute(std::string(kColumns) + kOfCustomers, params));
}

}  // namespace tributary::ingest
