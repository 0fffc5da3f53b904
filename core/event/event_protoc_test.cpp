// The hand-written codec against protobuf's own: both read what the other wrote, by schema/events.proto.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/cmocka.h"
#include "core/base/test_directory.h"
#include "core/base/whole_file.h"
#include "core/event/event.h"
#include "core/event/sample_events.h"

using namespace tributary;
using namespace tributary::samples;

namespace {

// What `protoc --decode` or `--encode` makes of `input`.
std::string protoc(const std::string& mode, std::string_view input) {
  const TestDirectory directory;
  const std::string in = directory.path() + "/in";
  const std::string out = directory.path() + "/out";
  std::ofstream(in, std::ios::binary) << input;
  const std::string command =
      "protoc -I" TRIBUTARY_SOURCE_DIR "/schema " + mode + "=tributary.v1.Event events.proto < " + in + " > " + out;
  assert_int_equal(std::system(command.c_str()), 0);  // NOLINT(concurrency-mt-unsafe): a test of one thread
  return read_whole_file(out).value();
}

template <typename Payload>
std::string encoded(const Payload& payload) {
  std::string out(max_event_size(kHeader, payload), '\0');
  out.resize(encode_event(kHeader, payload, out.data()));
  return out;
}

template <typename Payload>
void check_both_ways(const Payload& payload) {
  const std::string ours = encoded(payload);
  const std::string text = protoc("--decode", ours);
  const std::string theirs = protoc("--encode", text);
  assert_text(theirs, ours);
  const auto event = decode_event(theirs);
  assert_true(event.ok());
  assert_true(std::get<Payload>(event->payload) == payload);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void clicks_agree(void**) {
  check_both_ways(full_click());
}
void trafficbacks_agree(void**) {
  check_both_ways(full_trafficback());
}
void lander_clicks_agree(void**) {
  check_both_ways(full_lander_click());
}
void postbacks_agree(void**) {
  check_both_ways(full_postback());
}

void customer_events_agree(void**) {
  check_both_ways(full_customer_event());
}

void protoc_gives_every_field_its_name(void**) {
  const std::string click = protoc("--decode", encoded(full_click()));
  for (const char* line : {"time_us: 1790000000123456",
                           "edge: 7",
                           "slot: 3",
                           "epoch: 2",
                           "generation: 4711",
                           "click {",
                           "high: 72623859790382856",
                           "user_agent: \"Mozilla/5.0 (X11)\"",
                           "referrer: \"https://ref.example/?a=1\"",
                           "language: \"de-CH,de;q=0.9\"",
                           "host: \"go.example\"",
                           "query: \"s1=a&s2=%62\"",
                           "labels: 17",
                           "headers: \"x-app: 7\\nx-requested-with: com.example\\n\"",
                           "country: \"CH\"",
                           "continent: \"EU\"",
                           "region: \"ZH\"",
                           "city: \"Z\\303\\274rich\"",
                           "isp: \"Example Telecom\"",
                           "connection: \"Cellular\"",
                           "asn: 4200000000",
                           "utm_source: \"google\"",
                           "utm_medium: \"cpc\"",
                           "utm_campaign: \"spring\"",
                           "utm_content: \"banner\"",
                           "utm_term: \"shoes\"",
                           "external_id: \"gclid-1\"",
                           "keyword: \"red shoes\"",
                           "cost_micros: -1250000",
                           "currency: \"EUR\"",
                           "index: 30",
                           "stream: 11",
                           "destination: 12",
                           "source: 13",
                           "reason: ROUTING_REASON_REGULAR",
                           "unique: 5",
                           "status: 302",
                           "external_click_id: \"ext-1\"",
                           "affiliate: 14",
                           "link: 15",
                           "number: 9007199254740991",
                           "lander: 16"}) {
    if (!contains(click, line)) {
      print_error("missing: %s\n", line);
    }
    assert_true(contains(click, line));
  }
  const std::string lander_click = protoc("--decode", encoded(full_lander_click()));
  for (const char* line : {"lander_click {", "click {", "stream: 41", "lander: 42", "destination: 43", "offer: 44",
                           "reason: ROUTING_REASON_FORCED", "status: 303"}) {
    assert_true(contains(lander_click, line));
  }
  const std::string customer_event = protoc("--decode", encoded(full_customer_event()));
  for (const char* line :
       {"customer_event {", "advertiser: 51", "id_high: 2387509390608836392", "id_low: 3544952156018063160",
        "action: CUSTOMER_ACTION_DROP_OFF", "value_given: true", "value_micros: 49900000", "currency: \"EUR\"",
        "coupon_code: \"ANNA-10\"", "ref_code: \"anna-summer\"",
        "landing_url: \"https://shop.example/?ref_code=anna-summer\"", "referrer: \"https://blog.example/\"",
        "click_text: \"d0rh86r00082001g00008n5pdewyd7h4\"", "customer_key: \"customer-1\"", "verified: true"}) {
    assert_true(contains(customer_event, line));
  }
  const std::string postback = protoc("--decode", encoded(full_postback()));
  for (const char* line : {"postback {",
                           "conversion_id: 9007199254740991",
                           "network: 31",
                           "affiliate: 32",
                           "verdict: POSTBACK_VERDICT_UNKNOWN_STATUS",
                           "click_text: \"d0rh86r00082001g00008n5pdewyd7h4\"",
                           "transaction: \"tx-1\"",
                           "status: CONVERSION_STATUS_REBILL",
                           "raw_status: \"Weird\"",
                           "event: \"deposit\"",
                           "payout_micros: 12500000",
                           "revenue_micros: -3",
                           "cost_micros: 1",
                           "currency: \"USD\"",
                           "method: \"POST\"",
                           "uri: \"/postback/n?subid=1\"",
                           "body: \"status=Weird\"",
                           "verified: true",
                           "payout_given: true",
                           "revenue_given: true"}) {
    if (!contains(postback, line)) {
      print_error("missing: %s\n", line);
    }
    assert_true(contains(postback, line));
  }
}

void text_that_is_not_utf8_does_not_stop_other_readers(void**) {
  Click click;
  click.visit.user_agent = "\xff\xc0\x80";
  assert_true(contains(protoc("--decode", encoded(click)), "user_agent: \"\\377\\300\\200\""));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(clicks_agree),
      cmocka_unit_test(trafficbacks_agree),
      cmocka_unit_test(postbacks_agree),
      cmocka_unit_test(lander_clicks_agree),
      cmocka_unit_test(customer_events_agree),
      cmocka_unit_test(protoc_gives_every_field_its_name),
      cmocka_unit_test(text_that_is_not_utf8_does_not_stop_other_readers),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
