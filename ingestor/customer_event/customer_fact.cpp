#include "ingestor/customer_event/customer_fact.h"

#include "core/base/utf8.h"

namespace tributary::ingest {
namespace {

std::string clean(std::string_view text) {
  std::string out;
  append_clean_text(text, out);
  return out;
}

}  // namespace

CustomerFact customer_fact(const EventHeader& header, const CustomerEvent& event, const RowIdentity& identity) {
  CustomerFact fact;
  fact.header = header;
  fact.identity = identity;
  fact.event = event;
  fact.has_evidence = event.has_evidence();
  fact.currency = clean(event.currency);
  fact.coupon_code = clean(event.coupon_code);
  fact.ref_code = clean(event.ref_code);
  fact.landing_url = clean(event.landing_url);
  fact.referrer = clean(event.referrer);
  fact.click_text = clean(event.click_text);
  fact.customer_key = clean(event.customer_key);
  fact.properties = clean(event.properties);
  fact.address.assign(event.address.begin(), event.address.end());
  fact.event.currency = fact.event.coupon_code = fact.event.ref_code = fact.event.landing_url = {};
  fact.event.referrer = fact.event.click_text = fact.event.customer_key = fact.event.properties = {};
  fact.event.address = {};
  return fact;
}

}  // namespace tributary::ingest
