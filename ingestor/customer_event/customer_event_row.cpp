#include "ingestor/customer_event/customer_event_row.h"

#include "ingestor/events/columns.h"

namespace tributary::ingest {
namespace {

constexpr std::string_view kOwnColumns =
    "advertiser, campaign, affiliate, link, coupon, verdict, confidence, team, event_id, click, named_click, action, "
    "value, "
    "currency,"
    " matcher, address, coupon_code, ref_code, landing_url, referrer, customer_key, click_text, properties, candidates";
constexpr std::int16_t kColumnCount = 2 + kRecordColumnCount + 24;
constexpr std::int16_t kAccepted = 1;
constexpr std::int16_t kWithoutEvidence = 2;

// jsonb: the version of its representation, then the text, which the server checks.
void write_document(BinaryWriter& out, const std::string& json) {
  json.empty() ? out.null() : out.text('\1' + json);
}

}  // namespace

const std::string& customer_event_table() {
  static const std::string target = copy_target("events.customer_events", {"time, id", kRecordColumns, kOwnColumns});
  return target;
}

void write_customer_event_row(RowBuffer& rows, const CustomerFact& fact, const Credit& credit, const TeamId& team) {
  const CustomerEvent& event = fact.event;
  BinaryWriter& out = rows.begin_row(kColumnCount);
  out.timestamptz(static_cast<std::int64_t>(fact.header.time_us));
  out.int8(static_cast<std::int64_t>(event.id_low >> 11));  // 53 bits
  write_record(out, fact.header, fact.identity);
  out.int4(static_cast<std::int32_t>(event.advertiser));
  for (const std::int32_t id : {credit.campaign, credit.affiliate, credit.link, credit.coupon}) out.int4(id);
  out.int2(fact.has_evidence ? kAccepted : kWithoutEvidence);
  credit.confidence ? out.int2(*credit.confidence) : out.null();
  out.uuid(team);
  out.uuid(event.id_high, event.id_low);
  write_click(out, credit.click);
  write_click(out, event.click);
  out.text(customer_action_name(event.action));
  event.value_given ? out.money(event.value_micros) : out.null();
  out.text(fact.currency);
  out.text_or_null(credit.matcher);
  out.inet({reinterpret_cast<const std::uint8_t*>(fact.address.data()), fact.address.size()});
  for (const std::string* text :
       {&fact.coupon_code, &fact.ref_code, &fact.landing_url, &fact.referrer, &fact.customer_key, &fact.click_text}) {
    out.text_or_null(*text);
  }
  write_document(out, fact.properties);
  write_document(out, credit.candidates);
}

}  // namespace tributary::ingest
