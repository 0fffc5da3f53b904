#include "ingestor/customer_event/customer_event_row.h"

#include "ingestor/events/columns.h"

namespace tributary::ingest {
namespace {

constexpr std::string_view kOwnColumns =
    "advertiser, campaign, affiliate, link, coupon, verdict, confidence, team, event_id, click, action, value, "
    "currency,"
    " matcher, address, coupon_code, ref_code, landing_url, referrer, customer_key, properties, candidates";
constexpr std::int16_t kColumnCount = 2 + kRecordColumnCount + 22;
constexpr std::int16_t kAccepted = 1;
constexpr std::int16_t kWithoutEvidence = 2;

// jsonb: the version of its representation, then the text, which the server checks.
void write_document(BinaryWriter& out, const std::string& json) {
  json.empty() ? out.null() : out.text('\1' + json);
}

void write_attribution(BinaryWriter& out, const Candidate& winner, std::uint32_t coupon) {
  for (const std::uint32_t id : {winner.campaign, winner.partner, winner.link, coupon}) {
    out.int4(static_cast<std::int32_t>(id));
  }
}

std::string json_of(const Candidate& candidate) {
  std::string json = R"({"matcher":")" + std::string(matcher_name(candidate.matcher)) + R"(","outcome":")" +
                     std::string(match_outcome_name(candidate.outcome)) + '"';
  const std::pair<const char*, std::uint32_t> ids[] = {{"campaign", candidate.campaign},
                                                       {"affiliate", candidate.partner},
                                                       {"link", candidate.link},
                                                       {"coupon", candidate.coupon}};
  for (const auto& [name, id] : ids) {
    if (id != 0) json += std::string(",\"") + name + "\":" + std::to_string(id);
  }
  return json + '}';
}

}  // namespace

const std::string& customer_event_table() {
  static const std::string target = copy_target("events.customer_events", {"time, id", kRecordColumns, kOwnColumns});
  return target;
}

std::string candidates_json(const Attribution& attribution) {
  std::string json;
  for (std::size_t i = 0; i < attribution.loser_count; ++i) {
    json += (i == 0 ? "[" : ",") + json_of(attribution.losers[i]);
  }
  return json.empty() ? json : json + ']';
}

void write_customer_event_row(RowBuffer& rows, const CustomerFact& fact, const Attribution& attribution,
                              const TeamId& team) {
  const CustomerEvent& event = fact.event;
  const Candidate winner = attribution.winner.value_or(Candidate{});
  BinaryWriter& out = rows.begin_row(kColumnCount);
  out.timestamptz(static_cast<std::int64_t>(fact.header.time_us));
  out.int8(static_cast<std::int64_t>(event.id_low >> 11));  // 53 bits
  write_record(out, fact.header, fact.identity);
  out.int4(static_cast<std::int32_t>(event.advertiser));
  write_attribution(out, winner, attribution.coupon);
  out.int2(fact.has_evidence ? kAccepted : kWithoutEvidence);
  attribution.winner ? out.int2(attribution.confidence) : out.null();
  out.uuid(team);
  out.uuid(event.id_high, event.id_low);
  write_click(out, winner.click.empty() ? event.click : winner.click);
  out.text(customer_action_name(event.action));
  event.value_given ? out.money(event.value_micros) : out.null();
  out.text(fact.currency);
  out.text_or_null(attribution.winner ? matcher_name(winner.matcher) : std::string_view());
  out.inet({reinterpret_cast<const std::uint8_t*>(fact.address.data()), fact.address.size()});
  for (const std::string* text :
       {&fact.coupon_code, &fact.ref_code, &fact.landing_url, &fact.referrer, &fact.customer_key}) {
    out.text_or_null(*text);
  }
  write_document(out, fact.properties);
  write_document(out, candidates_json(attribution));
}

}  // namespace tributary::ingest
