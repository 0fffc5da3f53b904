#include "core/request/tracking_on_demand.h"

#include <string>
#include <vector>

#include "core/base/cmocka.h"
#include "core/snapshot/sample_snapshot.h"
#include "core/snapshot/test_build.h"

using namespace tributary;

namespace {

// A click with a query, from the request to what is read from its event.
struct Travelled {
  std::string query;
  std::vector<char> event;
  Click sent;  // as it went into the event
  Click read;
  Tracking asked;  // what the evaluator and the macros would have seen
  std::uint32_t asked_labels = 0;
};

struct Request {
  explicit Request(std::string_view query) {
    visit.query = query;
    bool truncated = false;
    parameters = std::span(storage).first(parse_query(query, storage, truncated));
    if (truncated) visit.labels |= kLabelTruncated;
  }

  std::array<QueryParameter, kMaxQueryParameters> storage;
  std::array<char, kMaxTrackingTotal> memory;
  Visit visit;
  std::span<const QueryParameter> parameters;
  TrackingOnDemand tracking{visit, parameters, memory};
};

void travel(Travelled& click, Request& request, const fbs::Campaign* campaign) {
  if (campaign != nullptr) request.tracking.belongs_to(*campaign);
  request.tracking.put_into(click.sent);
  click.sent.visit = request.visit;
  click.event.resize(max_event_size({}, click.sent));
  click.event.resize(encode_event({}, click.sent, click.event.data()));
  auto event = decode_event(click.event);
  assert_true(event.ok());
  complete_tracking(*event);
  click.read = std::get<Click>(event->payload);
  click.asked = request.tracking.read();
  click.asked_labels = request.visit.labels;
}

// Whichever way it went, the reader has what the edge would have decided by.
void assert_same_on_both_sides(const Travelled& click) {
  assert_false(click.read.tracking_in_query);
  assert_true(click.read.tracking == click.asked);
  assert_int_equal(click.read.visit.labels, click.asked_labels);
}

void what_the_query_says_as_it_is_travels_once(void**) {
  Request request("sub1=a&utm_source=facebook&cost=0.012&currency=EUR&sub30=z&external_id=b7f3a9&other=1&sub2=");
  Travelled click;
  travel(click, request, nullptr);
  assert_true(click.sent.tracking_in_query);
  assert_true(click.sent.tracking == Tracking{});
  assert_same_on_both_sides(click);
  assert_text(click.read.tracking.sub_ids[29], "z");
  assert_int_equal(click.read.tracking.cost_micros, 12'000);
  assert_text(click.read.tracking.currency, "EUR");
}

void what_is_encoded_or_long_travels_decoded(void**) {
  for (const std::string& query :
       {std::string("sub1=a%20b"), std::string("sub1=a&sub2=c+d"), "sub1=" + std::string(600, 'x'), [] {
          std::string many;
          for (int i = 0; i < 300; ++i) many += "a&";
          return many + "sub1=b";
        }()}) {
    Request request(query);
    Travelled click;
    travel(click, request, nullptr);
    assert_false(click.sent.tracking_in_query);
    assert_same_on_both_sides(click);
  }
}

void the_reader_knows_what_the_campaign_says_of_the_cost(void**) {
  auto input = sample_snapshot({.campaigns = 1});
  input.campaigns[0].cost_micros = 50'000;
  const auto bytes = testing::build(input);
  const auto snapshot = testing::view_of(bytes);
  const fbs::Campaign* campaign = snapshot->find_campaign(1);
  struct Case {
    std::string_view query;
    std::int64_t cost_micros;
    std::string_view currency;
  };
  for (const Case& known : {Case{"", 50'000, "USD"}, Case{"sub1=a", 50'000, "USD"}, Case{"cost=2", 2'000'000, "USD"},
                            Case{"cost=2&currency=EUR", 2'000'000, "EUR"}, Case{"cost=%32", 2'000'000, "USD"}}) {
    Request request(known.query);
    Travelled click;
    travel(click, request, campaign);
    assert_same_on_both_sides(click);
    assert_int_equal(click.read.tracking.cost_micros, known.cost_micros);
    assert_text(click.read.tracking.currency, known.currency);
  }
}

// Its names are not known to the reader.
void what_a_source_names_in_its_own_way_travels_whole(void**) {
  auto input = sample_snapshot({.campaigns = 1});
  input.sources = {{7, {{"zone", sub_id_macro(3)}}}};
  input.campaigns[0].source = 7;
  const auto bytes = testing::build(input);
  const auto snapshot = testing::view_of(bytes);
  Request request("zone=west");
  Travelled click;
  travel(click, request, snapshot->find_campaign(1));
  assert_false(click.sent.tracking_in_query);
  assert_same_on_both_sides(click);
  assert_text(click.read.tracking.sub_ids[2], "west");
}

void an_empty_query_has_no_tracking(void**) {
  Request request("");
  Travelled click;
  travel(click, request, nullptr);
  assert_same_on_both_sides(click);
  assert_true(click.read.tracking == Tracking{});
}

void events_behind_a_click_cost_nothing(void**) {
  Request request("cost=2&currency=USD&sub1=a");
  assert_int_equal(request.tracking.read().cost_micros, 2'000'000);
  const Tracking behind = request.tracking.without_cost();
  assert_int_equal(behind.cost_micros, 0);
  assert_text(behind.currency, "");
  assert_text(behind.sub_ids[0], "a");
}

// However many are asked for, whatever else the query holds.
void a_sub_id_is_the_same_looked_for_alone(void**) {
  for (const char* query : {"sub1=a&sub2=b&sub3=c", "s2=&sub2=x&sub_id_2=y", "sub1={sub1}&sub1=real", "SUB1=up&sub=low",
                            "sub2=b%20c&sub1=a", "utm_source=sub1&x=1", "sub30=last&sub01=no&aff_sub=first"}) {
    for (std::size_t number : {1, 2, 3, 30}) {
      Request read(query);
      Request asked(query);
      for (int again = 0; again < 4; ++again) {
        assert_text(asked.tracking.sub_id(number), read.tracking.read().sub_ids[number - 1]);
      }
    }
  }
}

// Nobody's edge writes this: what stands beside the query is not read, and what would have to be decoded is left out.
void a_query_that_should_not_have_been_left_out_gives_nothing_wrong(void**) {
  Click click;
  click.visit.query = "sub1=a%20b&sub2=c";
  click.tracking_in_query = true;
  click.tracking.sub_ids[4] = "stray";
  std::vector<char> bytes(max_event_size({}, click));
  bytes.resize(encode_event({}, click, bytes.data()));
  auto event = decode_event(bytes);
  complete_tracking(*event);
  const Tracking& read = std::get<Click>(event->payload).tracking;
  assert_text(read.sub_ids[0], "");
  assert_text(read.sub_ids[1], "c");
  assert_text(read.sub_ids[4], "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(what_the_query_says_as_it_is_travels_once),
      cmocka_unit_test(what_is_encoded_or_long_travels_decoded),
      cmocka_unit_test(the_reader_knows_what_the_campaign_says_of_the_cost),
      cmocka_unit_test(what_a_source_names_in_its_own_way_travels_whole),
      cmocka_unit_test(an_empty_query_has_no_tracking),
      cmocka_unit_test(events_behind_a_click_cost_nothing),
      cmocka_unit_test(a_sub_id_is_the_same_looked_for_alone),
      cmocka_unit_test(a_query_that_should_not_have_been_left_out_gives_nothing_wrong),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
