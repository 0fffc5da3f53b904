#include "ingestor/customer_event/event_sweeper.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ingestor/customer_event/decide_again.h"
#include "ingestor/store/crash_point.h"
#include "ingestor/store/customer_touches.h"
#include "ingestor/store/waiting_events.h"
#include "platform/log/log.h"
#include "platform/postgres/transaction.h"

namespace tributary::ingest {
namespace {

constexpr int kMaxRounds = 200;  // of a hundred events each, and the others of their customers; the next sweep goes on

using Waiting = std::map<EventKey, WaitingEvent>;
using Spans = std::map<std::pair<std::uint32_t, std::string>, CustomerSpan>;

// One for each customer, however many of his clicks came: his events are read once.
void add_span(Spans& spans, const CustomerSpan& span) {
  CustomerSpan& whole = spans.try_emplace({span.advertiser, span.customer_key}, span).first->second;
  whole.since_us = std::min(whole.since_us, span.since_us);
  whole.until_us = std::max(whole.until_us, span.until_us);
}

// The others of a customer that the click may be the first touch of.
void add_others(Connection& connection, const Spans& spans, std::vector<CustomerFact>& facts) {
  std::map<EventKey, bool> known;
  for (const CustomerFact& fact : facts) known[key_of(fact)] = true;
  std::vector<CustomerSpan> wanted;
  for (const auto& [customer, span] : spans) wanted.push_back(span);
  for (CustomerFact& other : lock_events(connection, wanted)) {
    if (known.try_emplace(key_of(other), true).second) facts.push_back(std::move(other));
  }
}

// Of the events whose click is stored now: these, and the others of their customers. The rest waits on.
std::vector<CustomerFact> ready_events(Connection& connection, Waiting& waiting) {
  std::vector<EventKey> keys;
  for (const auto& [key, each] : waiting) keys.push_back(key);
  const std::vector<CustomerFact> facts = lock_events(connection, keys);
  const EvidenceBook book(connection, facts);
  std::vector<CustomerFact> ready;
  std::vector<Touch> touches;
  Spans spans;
  std::vector<WaitingEvent> waits_on;
  for (const CustomerFact& fact : facts) {
    const Evidence evidence = book.evidence(fact);
    if (!evidence.click.found) {
      waits_on.push_back(waiting.at(key_of(fact)));
      continue;
    }
    ready.push_back(fact);
    if (!tells_touch(fact, evidence)) continue;
    const AdvertiserFacts& advertiser = book.advertiser(fact);
    const std::int64_t since = evidence.click.found->time_us;
    touches.push_back({&fact, *evidence.click.found, advertiser.team});
    add_span(spans, {fact.event.advertiser, fact.customer_key, since, since + advertiser.rules.window_us});
  }
  store_touches(connection, touches);
  add_others(connection, spans, ready);
  keep_waiting(connection, waits_on);
  return ready;
}

void sweep(Connection& connection, const std::vector<WaitingEvent>& due, SweptEvents& total) {
  Transaction transaction(connection);
  Waiting waiting;
  for (const WaitingEvent& each : take_waiting_events(connection, due)) waiting.emplace(each.event, each);
  if (waiting.empty()) return;
  connection.run_script(kOnlyIndexes);
  const std::size_t changed =
      change_attributions(connection, decide_again(connection, ready_events(connection, waiting)));
  crash_point("events_decided");
  transaction.commit();
  total.looked_at += waiting.size();
  total.changed += changed;
}

// Which one is refused is found by trying each for itself.
void sweep_or_refuse(Connection& connection, const std::vector<WaitingEvent>& due, SweptEvents& total) {
  std::string reason;
  try {
    return sweep(connection, due, total);
  } catch (const PostgresError& error) {
    if (error.failure() != PostgresFailure::data) throw;
    reason = error.what();
  }
  if (due.size() > 1) {
    for (const WaitingEvent& each : due) sweep_or_refuse(connection, {each}, total);
    return;
  }
  log::warning("PostgreSQL refuses what a waiting event is attributed to", {{"error", reason}});
  refuse_waiting_event(connection, due.front(), reason);
}

// One round; false: none was due that nobody else has taken.
bool sweep_some(Connection& connection, SweptEvents& total) {
  const std::vector<WaitingEvent> due = due_waiting_events(connection);
  if (due.empty()) return false;
  const std::uint64_t before = total.looked_at;
  sweep_or_refuse(connection, due, total);
  return total.looked_at != before;
}

}  // namespace

SweptEvents sweep_customer_events(Connection& connection) {
  SweptEvents total;
  for (int round = 0; round < kMaxRounds && sweep_some(connection, total); ++round) continue;
  return total;
}

}  // namespace tributary::ingest
