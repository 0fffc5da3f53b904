#include "ingestor/store/customer_events.h"

#include <map>
#include <set>

#include "core/click_id/click_uuid.h"
#include "ingestor/customer_event/customer_event_row.h"
#include "ingestor/store/customer_touches.h"
#include "ingestor/store/waiting_events.h"
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

using Out = BinaryWriter&;
using EventId = std::pair<std::uint64_t, std::uint64_t>;

EventId id_of(const CustomerFact& fact) {
  return {fact.event.id_high, fact.event.id_low};
}

// The first of each id in the batch, of those that no batch had before.
std::vector<const CustomerFact*> new_ones(Connection& connection, std::int64_t batch,
                                          const std::vector<CustomerFact>& facts) {
  std::map<EventId, const CustomerFact*> first;
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
  for (int row = 0; row < rows.rows(); ++row) {
    const ClickIdentity id = click_identity(rows.uuid(row, 0));
    taken.emplace(id.high, id.low);
  }
  std::vector<const CustomerFact*> fresh;
  for (const CustomerFact& fact : facts) {
    if (first.at(id_of(fact)) == &fact && taken.contains(id_of(fact))) fresh.push_back(&fact);
  }
  return fresh;
}

// The clicks of customers that the batch tells come first: the order of its events says nothing.
std::vector<Touch> remember_touches(EvidenceBook& book, const std::vector<const CustomerFact*>& fresh) {
  std::vector<Touch> touches;
  for (const CustomerFact* fact : fresh) {
    const Evidence evidence = book.evidence(*fact);
    if (!tells_touch(*fact, evidence)) continue;
    const ClickFacts click = *evidence.click.found;
    touches.push_back({fact, click, book.advertiser(*fact).team});
    book.remember(*fact, click);
  }
  return touches;
}

// Those whose click is not stored yet, and those that told a click of their customer: others of his may be here before.
std::vector<WaitingEvent> to_decide_again(const EvidenceBook& book, const std::vector<const CustomerFact*>& fresh,
                                          const std::vector<Touch>& new_touches) {
  std::vector<WaitingEvent> waiting;
  for (const CustomerFact* fact : fresh) {
    if (fact->event.click.empty() || book.evidence(*fact).click.found) continue;
    waiting.push_back({.event = key_of(*fact), .team = book.advertiser(*fact).team});
  }
  for (const Touch& touch : new_touches) {
    waiting.push_back({.event = key_of(*touch.fact), .team = touch.team, .click_arrived = true});
  }
  return waiting;
}

}  // namespace

void store_customer_events(Connection& connection, std::int64_t batch, const std::vector<CustomerFact>& facts,
                           Settlement& settlement) {
  if (facts.empty()) return;
  const auto fresh = new_ones(connection, batch, facts);
  if (fresh.empty()) return;
  EvidenceBook book(connection, facts);
  RowBuffer rows(kCustomerEventBytesBeforeBatch);
  const std::vector<Touch> touches = remember_touches(book, fresh);
  for (const CustomerFact* fact : fresh) {
    const AdvertiserFacts& advertiser = book.advertiser(*fact);
    const Attribution attribution = attribute(book.evidence(*fact), advertiser.rules);
    write_customer_event_row(rows, *fact, credit_of(attribution, fact->event.click), advertiser.team);
    settlement.add_event(fact->event.id_high, fact->event.id_low, advertiser.team);
  }
  rows.set_batch(batch);
  CopyIn copy(connection, customer_event_table());
  copy.write(rows.data());
  copy.finish();
  keep_waiting(connection, to_decide_again(book, fresh, store_touches(connection, touches)));
}

}  // namespace tributary::ingest
