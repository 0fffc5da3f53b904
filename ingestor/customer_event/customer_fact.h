#pragma once

#include <string>

#include "core/event/event.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {

// An event of an advertiser between its record and its row: what it is attributed to is known only in the transaction.
// Owns its text, because the record is gone by then.
struct CustomerFact {
  EventHeader header;
  RowIdentity identity;
  CustomerEvent event;  // without text and address
  bool has_evidence = false;
  std::string currency, coupon_code, ref_code, landing_url, referrer, click_text, customer_key, properties, address;
};

// Text that goes into keys and look-ups is made clean: what PostgreSQL cannot store becomes U+FFFD.
CustomerFact customer_fact(const EventHeader& header, const CustomerEvent& event, const RowIdentity& identity);

}  // namespace tributary::ingest
