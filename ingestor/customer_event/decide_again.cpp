#include "ingestor/customer_event/decide_again.h"

#include "ingestor/customer_event/evidence.h"

namespace tributary::ingest {

std::vector<Decided> decide_again(Connection& connection, const std::vector<CustomerFact>& facts,
                                  std::int64_t clicks_since_us) {
  const EvidenceBook book(connection, facts);
  std::vector<Decided> decided;
  for (const CustomerFact& fact : facts) {
    const ClickIdentity& click = fact.event.click;
    const Evidence evidence = book.evidence(fact);
    const bool missing = !click.empty() && !evidence.click.found;
    if (missing && static_cast<std::int64_t>(click_time_us(click)) < clicks_since_us) continue;
    const Attribution attribution = attribute(evidence, book.advertiser(fact).rules);
    decided.push_back({key_of(fact), credit_of(attribution, click)});
  }
  return decided;
}

}  // namespace tributary::ingest
