#include "ingestor/store/customer_events.h"

#include <algorithm>
#include <map>
#include <set>

#include "ingestor/customer_event/customer_event_row.h"
#include "ingestor/customer_event/evidence.h"
#include "platform/postgres/copy_in.h"

namespace tributary::ingest {
namespace {

// Keys are taken in their order, whoever writes, so that two ingestors never wait for each other.
constexpr const char* kTakeKeys = R"sql(
  INSERT INTO events.customer_event_keys (event_id, time, advertiser, batch)
  SELECT event_id, time, advertiser, $4
  FROM unnest($1::uuid[], $2::timestamptz[], $3::integer[]) AS given (event_id, time, advertiser)
  ORDER BY event_id
  ON CONFLICT (event_id) DO NOTHING
  RETURNING event_id)sql";

constexpr const char* kStoreTouches = R"sql(
  INSERT INTO events.customer_touches (advertiser, customer_key, time, click, campaign, affiliate, link, team)
  SELECT *
  FROM unnest($1::integer[], $2::text[], $3::timestamptz[], $4::uuid[], $5::integer[], $6::integer[], $7::integer[],
    $8::uuid[]) AS given (advertiser, customer_key, time, click, campaign, affiliate, link, team)
  ORDER BY advertiser, customer_key, time, click
  ON CONFLICT DO NOTHING)sql";

using EventId = std::array<std::uint8_t, 16>;
using Out = BinaryWriter&;

std::pair<std::uint64_t, std::uint64_t> id_of(const CustomerFact& fact) {
  return {fact.event.id_high, fact.event.id_low};
}

EventId bytes_of(const std::pair<std::uint64_t, std::uint64_t>& id) {
  EventId bytes;
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(id.first >> (56 - 8 * i));
    bytes[i + 8] = static_cast<std::uint8_t>(id.second >> (56 - 8 * i));
  }
  return bytes;
}

// The first of each id in the batch, of those that no batch had before.
std::vector<const CustomerFact*> new_ones(Connection& connection, std::int64_t batch,
                                          const std::vector<CustomerFact>& facts) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, const CustomerFact*> first;
  for (const CustomerFact& fact : facts) first.try_emplace(id_of(fact), &fact);
  using In = const decltype(first)::value_type&;
  Params params;
  params.array(oid::kUuidArray, oid::kUuid, first,
               [](Out out, In item) { out.uuid(item.first.first, item.first.second); });
  params.array(oid::kTimestamptzArray, oid::kTimestamptz, first,
               [](Out out, In item) { out.timestamptz(static_cast<std::int64_t>(item.second->header.time_us)); });
  params.array(oid::kInt4Array, oid::kInt4, first,
               [](Out out, In item) { out.int4(static_cast<std::int32_t>(item.second->event.advertiser)); });
  const QueryResult rows = connection.execute(kTakeKeys, params.int8(batch));
  std::set<EventId> taken;
  for (int row = 0; row < rows.rows(); ++row) taken.insert(rows.uuid(row, 0));
  std::vector<const CustomerFact*> fresh;
  for (const CustomerFact& fact : facts) {
    if (first.at(id_of(fact)) == &fact && taken.contains(bytes_of(id_of(fact)))) fresh.push_back(&fact);
  }
  return fresh;
}

// A click that is known to be a customer's.
struct Touch {
  const CustomerFact* fact;
  ClickFacts click;
  TeamId team;
};

void store_touches(Connection& connection, const std::vector<Touch>& touches) {
  if (touches.empty()) return;
  using In = const Touch&;
  const auto int4s = [&](Params& params, auto value) {
    params.array(oid::kInt4Array, oid::kInt4, touches,
                 [&](Out out, In touch) { out.int4(static_cast<std::int32_t>(value(touch))); });
  };
  Params params;
  int4s(params, [](In touch) { return touch.fact->event.advertiser; });
  params.array(oid::kTextArray, oid::kText, touches, [](Out out, In touch) { out.text(touch.fact->customer_key); });
  params.array(oid::kTimestamptzArray, oid::kTimestamptz, touches,
               [](Out out, In touch) { out.timestamptz(touch.click.time_us); });
  params.array(oid::kUuidArray, oid::kUuid, touches,
               [](Out out, In touch) { out.uuid(touch.click.id.high, touch.click.id.low); });
  int4s(params, [](In touch) { return touch.click.campaign; });
  int4s(params, [](In touch) { return touch.click.partner; });
  int4s(params, [](In touch) { return touch.click.link; });
  params.array(oid::kUuidArray, oid::kUuid, touches, [](Out out, In touch) { out.uuid(touch.team); });
  connection.execute(kStoreTouches, params);
}

}  // namespace

void store_customer_events(Connection& connection, std::int64_t batch, const std::vector<CustomerFact>& facts) {
  if (facts.empty()) return;
  const auto fresh = new_ones(connection, batch, facts);
  if (fresh.empty()) return;
  EvidenceBook book(connection, facts);
  RowBuffer rows(kCustomerEventBytesBeforeBatch);
  std::vector<Touch> touches;
  for (const CustomerFact* fact : fresh) {
    const AdvertiserFacts& advertiser = book.advertiser(*fact);
    const Evidence evidence = book.evidence(*fact);
    write_customer_event_row(rows, *fact, attribute(evidence, advertiser.rules), advertiser.team);
    const auto& click = evidence.click.found;
    if (fact->customer_key.empty() || !click || click->foreign) continue;
    touches.push_back({fact, *click, advertiser.team});
    book.remember(*fact, *click);
  }
  rows.set_batch(batch);
  CopyIn copy(connection, customer_event_table());
  copy.write(rows.data());
  copy.finish();
  store_touches(connection, touches);
}

}  // namespace tributary::ingest
