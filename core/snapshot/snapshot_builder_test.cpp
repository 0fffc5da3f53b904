#include "core/snapshot/snapshot_builder.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/snapshot/format.h"
#include "core/snapshot/sample_snapshot.h"
#include "core/snapshot/snapshot_layer.h"
#include "core/snapshot/test_build.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using Change = std::function<void(model::Snapshot&)>;

// One mistake in an otherwise sound configuration, and what the builder must say about it.
struct Mistake {
  const char* name;
  Change make;
  const char* entity;
  const char* field;
  const char* reason;  // a part of it
};

const Mistake kMistakes[] = {
    {"no generation", [](auto& s) { s.generation.counter = 0; }, "snapshot", "generation", "from 1"},
    {"base after delta",
     [](auto& s) {
       s.base = {1, 9};
     },
     "snapshot", "base", "earlier"},
    {"no click key", [](auto& s) { s.click_keys.clear(); }, "snapshot", "click_keys", "missing"},
    {"click key id", [](auto& s) { s.click_keys[0].id = 16; }, "click key 16", "id", "0 to 15"},
    {"click key twice", [](auto& s) { s.click_keys.push_back(s.click_keys[0]); }, "click key 0", "id", "two"},
    {"trafficback", [](auto& s) { s.trafficback = "javascript:alert(1)"; }, "snapshot", "trafficback", "http"},
    {"team twice", [](auto& s) { s.teams.push_back(s.teams[0]); }, "team", "id", "two"},
    {"campaign id 0", [](auto& s) { s.campaigns[0].id = 0; }, "campaign 0", "id", "from 1 to 268435455"},
    {"campaign id 2^28", [](auto& s) { s.campaigns[0].id = 1u << 28; }, "campaign 268435456", "id", "268435455"},
    {"campaign id twice", [](auto& s) { s.campaigns[1].id = 1; }, "campaign 1", "id", "two"},
    {"name twice", [](auto& s) { s.campaigns[1].slug = "c1"; }, "campaign 2", "slug", "\"c1\" is taken"},
    {"alias with two meanings",
     [](auto& s) {
       s.sources = {{7, {{"bid", Macro::cost}, {"BID", Macro::keyword}}}};
       s.campaigns[0].source = 7;
     },
     "source 7", "aliases", "\"bid\" has two meanings"},
    {"alias of a click id",
     [](auto& s) {
       s.sources = {{7, {{"x", Macro::click_id}}}};
       s.campaigns[0].source = 7;
     },
     "source 7", "aliases", "no field of a click"},
    {"domain",
     [](auto& s) {
       s.domains = {{"Shop.example", {1, 1}}};
     },
     "domain Shop.example", "host", "lower case"},
    {"currency of a source",
     [](auto& s) {
       s.sources = {{7, {}, "XQZ"}};
       s.campaigns[0].source = 7;
     },
     "source 7", "currency", "\"XQZ\""},
    {"rotation that does not exist",
     [](auto& s) {
       s.campaigns[0].streams.clear();
       s.campaigns[0].rotation = 5;
     },
     "campaign 1", "rotation_id", "rotation 5 does not exist"},
    {"rotation and streams",
     [](auto& s) {
       s.rotations = {{5, {}}};
       s.campaigns[0].rotation = 5;
     },
     "campaign 1", "streams", "beside a rotation"},
    {"rotation twice",
     [](auto& s) {
       s.rotations = {{5, {}}, {5, {}}};
     },
     "rotation 5", "id", "two rotations"},
    {"counter of two streams of a rotation",
     [](auto& s) {
       s.rotations = {{5, {s.campaigns[0].streams[0], s.campaigns[0].streams[0]}}};
     },
     "stream 1 of rotation 5", "rotation_slot", "another one's"},
    {"counter of a rotation and of a stream",
     [](auto& s) {
       s.rotations = {{5, {}}};
       s.campaigns[0].streams.clear();
       s.campaigns[0].rotation = 5;
       s.campaigns[0].rotation_slots = {7, 7};
     },
     "campaign 1", "rotation_slot", "7 is used"},
    {"domain twice",
     [](auto& s) {
       s.domains = {{"a.example", {1, 1}}, {"a.example", {1, 2}}};
     },
     "domain a.example", "host", "two domains"},
    {"time zone of a date", [](auto& s) { s.destinations[0].url = "https://a.example/{date:Y,Europe/Nowhere}"; },
     "destination 10", "url", "time zone"},
    {"host", [](auto& s) { s.campaigns[0].host = "Shop.example"; }, "campaign 1", "host", "lower case"},
    {"host with port", [](auto& s) { s.campaigns[0].host = "a.example:80"; }, "campaign 1", "host", "without port"},
    {"slug", [](auto& s) { s.campaigns[0].slug = "a/b"; }, "campaign 1", "slug", "without"},
    {"slug control", [](auto& s) { s.campaigns[0].slug = "a\nb"; }, "campaign 1", "slug", "control"},
    {"currency", [](auto& s) { s.campaigns[0].currency = "XQZ"; }, "campaign 1", "currency", "\"XQZ\""},
    {"currency case", [](auto& s) { s.campaigns[0].currency = "usd"; }, "campaign 1", "currency", "capitals"},
    {"cost", [](auto& s) { s.campaigns[0].cost_micros = -1; }, "campaign 1", "cost", "from 0"},
    {"cost alone", [](auto& s) { s.campaigns[0].currency.clear(); }, "campaign 1", "currency", "needed"},
    {"campaign trafficback", [](auto& s) { s.campaigns[0].trafficback = "x"; }, "campaign 1", "trafficback", ""},
    {"stream id", [](auto& s) { s.campaigns[0].streams[0].id = 0; }, "stream 0 of campaign 1", "id", "0"},
    {"selector", [](auto& s) { s.campaigns[0].streams[0].selector = static_cast<model::Selector>(6); },
     "stream 1 of campaign 1", "selector", "must be weighted"},
    {"exploration", [](auto& s) { s.campaigns[0].streams[0].exploration_percent = 101; }, "stream 1 of campaign 1",
     "exploration_percent", "from 0 to 100"},
    {"status", [](auto& s) { s.campaigns[0].streams[0].redirect_status = 200; }, "stream 1 of campaign 1",
     "redirect_status", "200"},
    {"next hop", [](auto& s) { s.campaigns[0].next_hops = {"https://x.example/?a"}; }, "campaign 1", "next_hops",
     "without query"},
    {"next hops", [](auto& s) { s.campaigns[0].next_hops.assign(65, "https://x.example"); }, "campaign 1", "next_hops",
     "more than 64"},
    {"landing", [](auto& s) { s.campaigns[0].landing = "ftp://x/"; }, "campaign 1", "landing_url", "scheme"},
    {"link id",
     [](auto& s) {
       s.links = {{0, "code", model::State::active, 1, 1, ""}};
     },
     "link 0", "id", "0"},
    {"link code",
     [](auto& s) {
       s.links = {{1, "a/b?", model::State::active, 1, 1, ""}};
     },
     "link 1", "code", "letters"},
    {"link code short",
     [](auto& s) {
       s.links = {{1, "abc", model::State::active, 1, 1, ""}};
     },
     "link 1", "code", "4"},
    {"link code twice",
     [](auto& s) {
       s.links = {{1, "code", model::State::active, 1, 1, ""}, {2, "code", model::State::paused, 1, 1, ""}};
     },
     "link 2", "code", "two"},
    {"link url",
     [](auto& s) {
       s.links = {{1, "code", model::State::active, 1, 1, "//x/"}};
     },
     "link 1", "url", "scheme"},
    {"partner id",
     [](auto& s) {
       s.partners = {{0, {1, 1}, model::State::active}};
     },
     "partner 0", "id", "0"},
    {"partner twice",
     [](auto& s) {
       s.partners = {{7, {1, 1}, model::State::active}, {7, {1, 1}, model::State::active}};
     },
     "partner 7", "id", "two"},
    {"status of a destination", [](auto& s) { s.destinations[0].redirect_status = 308; }, "destination 10",
     "redirect_status", "308"},
    {"redirect kind of a destination",
     [](auto& s) { s.destinations[0].redirect_kind = static_cast<model::RedirectKind>(5); }, "destination 10",
     "redirect_kind", "must be http"},
    {"redirect kind", [](auto& s) { s.campaigns[0].streams[0].redirect_kind = static_cast<model::RedirectKind>(5); },
     "stream 1 of campaign 1", "redirect_kind", "must be http"},
    {"rotation slot range", [](auto& s) { s.campaigns[0].streams[0].rotation_slot = kMaxRotationSlots; },
     "stream 1 of campaign 1", "rotation_slot", "16777216"},
    {"rotation slot twice", [](auto& s) { s.campaigns[1].streams[0].rotation_slot = 0; }, "stream 2 of campaign 2",
     "rotation_slot", "used by another"},
    {"unknown destination", [](auto& s) { s.campaigns[0].streams[0].destinations[0].destination = 77; },
     "stream 1 of campaign 1", "destinations", "destination 77 does not exist"},
    {"weights",
     [](auto& s) {
       for (auto& d : s.campaigns[0].streams[0].destinations) d.weight = 0;
     },
     "stream 1 of campaign 1", "weight", "0 for all"},
    {"destination twice", [](auto& s) { s.destinations[1].id = 10; }, "destination 10", "id", "two"},
    {"condition kind",
     [](auto& s) {
       s.campaigns[0].streams[0].conditions = {{"shoe_size", false, "", {"42"}}};
     },
     "stream 1 of campaign 1", "conditions[0].kind", "\"shoe_size\""},
    {"condition value",
     [](auto& s) {
       s.campaigns[0].streams[0].conditions = {{"ip", false, "", {"::1", "1.2.3"}}};
     },
     "stream 1 of campaign 1", "conditions[0].accepted[1]", "must be an address"},
    {"regular expression",
     [](auto& s) {
       s.campaigns[0].streams[0].conditions = {{"city", false, "", {"/a(/"}}};
     },
     "stream 1 of campaign 1", "conditions[0].accepted[0]", "missing )"},
    {"condition argument",
     [](auto& s) {
       s.campaigns[0].streams[0].conditions = {{"sub_id", false, "31", {"a"}}};
     },
     "stream 1 of campaign 1", "conditions[0].argument", "1 to 30"},
    {"condition zone",
     [](auto& s) {
       s.campaigns[0].streams[0].conditions = {{"weekday", false, "Mars", {"mon"}}};
     },
     "stream 1 of campaign 1", "conditions[0].argument", "not a time zone"},
    {"regular expression that repeats too much",
     [](auto& s) {
       s.campaigns[0].streams[0].conditions = {{"city", false, "", {"/x.{900}y/"}}};
     },
     "stream 1 of campaign 1", "conditions[0].accepted[0]", "instructions, more than 2048"},
    {"regular expressions of all streams",
     [](auto& s) {
       for (int i = 0; i < 17; ++i) {
         s.campaigns[0].streams[0].conditions.push_back({"city", false, "", {"/" + std::to_string(i) + "[a-c]{980}/"}});
       }
     },
     "campaign 1", "conditions", "together, more than 16384"},
    {"masks of all streams",
     [](auto& s) {
       for (int i = 0; i < 9; ++i) {
         std::vector<std::string> masks;
         for (int j = 0; j < 256; ++j) {
           masks.push_back("*" + std::string(500, '?') + std::to_string(i * 1000 + j) + "*");
         }
         s.campaigns[0].streams[0].conditions.push_back({"city", false, "", masks});
       }
     },
     "campaign 1", "conditions", "together, more than 16384"},
    {"no values",
     [](auto& s) {
       s.campaigns[0].streams[0].conditions = {{"city", false, "", {}}};
     },
     "stream 1 of campaign 1", "conditions[0].accepted", "at least one"},
    {"negated limit",
     [](auto& s) {
       s.campaigns[0].streams[0].conditions = {{"click_limit", true, "day", {"5"}}};
     },
     "stream 1 of campaign 1", "conditions[0].negated", "false"},
    {"overflow of itself", [](auto& s) { s.destinations[0].overflow = 10; }, "destination 10", "overflow", "back"},
    {"overflow in a ring",
     [](auto& s) {
       s.destinations[0].overflow = 11;
       s.destinations[1].overflow = 10;
     },
     "destination 11", "overflow", "destination 10 leads back"},
    {"unknown overflow", [](auto& s) { s.destinations[0].overflow = 77; }, "destination 10", "overflow", "77"},
    {"cap slot twice",
     [](auto& s) {
       s.destinations[0].caps = {{.slot = 4, .amount = 1, .currency = {}, .time_zone = {}},
                                 {.slot = 4, .amount = 1, .currency = {}, .time_zone = {}}};
     },
     "destination 10", "caps[1].slot", "another cap"},
    {"cap per sub id 31",
     [](auto& s) { s.destinations[0].caps = {{.slot = 4, .amount = 1, .currency = {}, .time_zone = {}, .per = 31}}; },
     "destination 10", "caps[0].per", "1 to 30"},
    {"cap on conversions per sub id",
     [](auto& s) {
       s.destinations[0].caps = {{.slot = 4,
                                  .measure = model::CapMeasure::conversions,
                                  .amount = 1,
                                  .currency = {},
                                  .time_zone = {},
                                  .per = 3}};
     },
     "destination 10", "caps[0].per", "only clicks"},
    {"cap per sub id that is too large",
     [](auto& s) {
       s.destinations[0].caps = {{.slot = 4, .amount = 1 << 20, .currency = {}, .time_zone = {}, .per = 3}};
     },
     "destination 10", "caps[0].amount", "1048575"},
    {"cap of a turn that there is not",
     [](auto& s) {
       s.destinations[0].caps = {{.slot = 4, .turn = 2048, .amount = 1, .currency = {}, .time_zone = {}}};
     },
     "destination 10", "caps[0].slot", "its turn not below 2048"},
    {"schedule zone", [](auto& s) { s.destinations[0].schedules = {{.time_zone = "Mars"}}; }, "destination 10",
     "schedules[0].time_zone", "\"Mars\""},
    {"schedule hours", [](auto& s) { s.destinations[0].schedules = {{.opens_s = 86'400, .time_zone = {}}}; },
     "destination 10", "schedules[0].opens", "before 24:00"},
    {"destination url", [](auto& s) { s.destinations[0].url = "ftp://x.example"; }, "destination 10", "url", "http"},
    {"destination without url", [](auto& s) { s.destinations[0].url.clear(); }, "destination 10", "url", "missing"},
    {"network id", [](auto& s) { s.networks[0].id = 0; }, "network 0", "id", "0"},
    {"network key", [](auto& s) { s.networks[0].key = "a/b"; }, "network 1", "key", "without"},
    {"network twice", [](auto& s) { s.networks.push_back(s.networks[0]); }, "network 1", "key", "two"},
    {"signature without parameters",
     [](auto& s) {
       s.networks[0].auth = model::PostbackAuth::hmac;
       s.networks[0].signature.scheme = model::SignatureScheme::fields;
     },
     "network 1", "signature", "needs the parameters"},
    {"signature whose time is not signed",
     [](auto& s) {
       s.networks[0].auth = model::PostbackAuth::hmac;
       s.networks[0].signature = {.parameters = {"tid"}, .time = "ts"};
     },
     "network 1", "signature", "it is not signed"},
    {"secret of a network",
     [](auto& s) {
       s.networks[0].signature_secrets = {{"seven77", 0}};
     },
     "network 1", "hmac_secrets", "8 to 128"},
    {"network address", [](auto& s) { s.networks[0].allowed = {"10.0.0.0/33"}; }, "network 1", "allowed",
     "\"10.0.0.0/33\""},
    {"partner without a secret",
     [](auto& s) {
       s.partners = {{1, {1, 1}, model::State::active, model::Network{}}};
     },
     "partner 1", "secrets", "at least one"},
    {"network secrets", [](auto& s) { s.networks[0].secrets_sha256.clear(); }, "network 1", "secrets", "at least one"},
    {"network currency", [](auto& s) { s.networks[0].currency = "U"; }, "network 1", "currency", "ISO 4217"},
    {"status word twice",
     [](auto& s) {
       s.networks[0].statuses.push_back({"APPROVED", ConversionStatus::lead});
     },
     "network 1", "statuses", "\"approved\" is mapped twice"},
    {"parameter field", [](auto& s) { s.networks[0].parameters[0].field = PostbackField::none; }, "network 1",
     "parameters", "does not exist"},
    {"parameter name", [](auto& s) { s.networks[0].parameters[0].names = {""}; }, "network 1", "parameters", "empty"},
};

void every_mistake_is_named_with_entity_field_and_reason(void**) {
  for (const Mistake& mistake : kMistakes) {
    model::Snapshot snapshot = sample_snapshot({});
    mistake.make(snapshot);
    const auto built = build_snapshot(snapshot);
    if (built) {
      fail_msg("%s: compiles", mistake.name);
    }
    const auto& problems = built.error();
    const bool named = std::any_of(problems.begin(), problems.end(), [&](const BuildProblem& problem) {
      return problem.entity == mistake.entity && problem.field == mistake.field &&
             problem.reason.find(mistake.reason) != std::string::npos;
    });
    if (!named) {
      fail_msg("%s: got %s / %s / %s", mistake.name, problems[0].entity.c_str(), problems[0].field.c_str(),
               problems[0].reason.c_str());
    }
  }
}

void all_mistakes_are_reported_at_once(void**) {
  model::Snapshot snapshot = sample_snapshot({});
  snapshot.campaigns[0].currency = "XQZ";
  snapshot.destinations[3].url = "not a url";
  snapshot.networks[0].secrets_sha256.clear();
  assert_int_equal(build_snapshot(snapshot).error().size(), 3);
}

void streams_are_sorted_as_they_are_tried(void**) {
  model::Snapshot snapshot = sample_snapshot({.campaigns = 1});
  model::Campaign& campaign = snapshot.campaigns[0];
  campaign.streams.clear();
  const auto add = [&](std::uint32_t id, model::StreamKind kind, std::int32_t priority) {
    model::Stream stream;
    stream.id = id;
    stream.kind = kind;
    stream.priority = priority;
    stream.rotation_slot = id;
    campaign.streams.push_back(stream);
  };
  add(1, model::StreamKind::default_stream, -5);
  add(2, model::StreamKind::regular, 7);
  add(4, model::StreamKind::regular, -1);
  add(3, model::StreamKind::regular, 7);
  add(5, model::StreamKind::forced, 100);
  const auto bytes = testing::build(snapshot);
  const auto view = testing::view_of(bytes);
  std::vector<std::uint32_t> order;
  for (const fbs::Stream* stream : *view->find_campaign(1)->streams()) {
    order.push_back(stream->id());
  }
  assert_true((order == std::vector<std::uint32_t>{5, 4, 2, 3, 1}));
}

void deleted_things_of_a_base_are_left_out_and_paused_destinations_have_no_place(void**) {
  model::Snapshot snapshot = sample_snapshot({.campaigns = 2, .destinations_per_campaign = 3});
  snapshot.campaigns[1].state = model::State::deleted;
  snapshot.destinations[0].state = model::State::paused;
  snapshot.destinations[1].state = model::State::deleted;
  const auto bytes = testing::build(snapshot);
  const auto view = testing::view_of(bytes);
  assert_int_equal(view->campaign_count(), 1);
  const fbs::Stream& stream = *view->find_campaign(1)->streams()->Get(0);
  assert_int_equal(stream.destinations()->size(), 2);
  assert_int_equal(stream.schedule()->size(), 1);
  assert_int_equal(stream.destinations()->Get(stream.schedule()->Get(0))->destination()->id(), 12);
}

void rules_are_compiled_and_equal_conditions_are_written_once(void**) {
  model::Snapshot snapshot = sample_snapshot({.campaigns = 2});
  snapshot.destinations[0].overflow = 11;
  snapshot.destinations[0].schedules = {{.time_zone = "Asia/Almaty"}};
  snapshot.destinations[0].caps = {{.slot = 8, .turn = 3, .amount = 100, .currency = {}, .time_zone = {}}};
  for (model::Campaign& campaign : snapshot.campaigns) {
    campaign.streams[0].conditions = {{"country", false, "", {"KZ"}},
                                      {"click_limit", false, "day Asia/Almaty", {"50"}, campaign.id, 2}};
  }
  const auto bytes = testing::build(snapshot);
  const auto view = testing::view_of(bytes);
  const fbs::Stream& first = *view->find_campaign(1)->streams()->Get(0);
  const fbs::Stream& second = *view->find_campaign(2)->streams()->Get(0);
  assert_int_equal(first.conditions()->size(), 1);
  assert_ptr_equal(first.conditions()->Get(0), second.conditions()->Get(0));
  assert_int_equal(first.caps()->size(), 1);
  assert_int_equal(second.caps()->Get(0)->slot(), 2);
  assert_int_equal(second.caps()->Get(0)->turn(), 2);
  assert_int_equal(second.caps()->Get(0)->amount(), 50);
  assert_true(second.caps()->Get(0)->period() == fbs::Period::Day);
  assert_text(text_of(second.caps()->Get(0)->zone()->name()), "Asia/Almaty");
  const fbs::Destination& destination = *first.destinations()->Get(0)->destination();
  assert_int_equal(destination.overflow()->id(), 11);
  assert_int_equal(destination.caps()->Get(0)->turn(), 3);
  assert_ptr_equal(destination.schedules()->Get(0)->zone(), second.caps()->Get(0)->zone());
  assert_int_equal(fbs::GetSnapshot(bytes.data())->cap_slots(), 9);
}

// Every stream leads to the same chain of destinations, each with all the rules that it may have.
void destinations_with_many_rules_are_shared_by_many_streams(void**) {
  model::Snapshot snapshot = sample_snapshot({.campaigns = 100});
  std::uint32_t slot = 0;
  for (std::size_t i = 0; i <= kMaxOverflowChain; ++i) {
    model::Destination& destination = snapshot.destinations[i];
    destination.overflow = i == kMaxOverflowChain ? 0 : snapshot.destinations[i + 1].id;
    destination.schedules.assign(kMaxDestinationSchedules, {.time_zone = "Asia/Almaty"});
    for (std::size_t cap = 0; cap < kMaxCaps; ++cap) {
      destination.caps.push_back({.slot = slot++, .amount = 1, .currency = {}, .time_zone = "Europe/Kyiv"});
    }
  }
  for (model::Campaign& campaign : snapshot.campaigns) {
    campaign.streams[0].destinations = {{snapshot.destinations[0].id, 1}};
  }
  const auto bytes = testing::build(snapshot);
  assert_int_equal(testing::view_of(bytes)->campaign_count(), 100);
}

void status_words_are_sorted_in_lower_case(void**) {
  model::Snapshot snapshot = sample_snapshot({});
  snapshot.networks[0].statuses = {{"Zed", ConversionStatus::lead}, {"ALPHA", ConversionStatus::sale}};
  const auto bytes = testing::build(snapshot);
  const auto view = testing::view_of(bytes);
  const auto& statuses = *view->find_network(1)->statuses();
  assert_text(text_of(statuses.Get(0)->word()), "alpha");
  assert_text(text_of(statuses.Get(1)->word()), "zed");
}

void a_hundred_thousand_campaigns_take_at_most_40_megabytes(void**) {
  const auto bytes = testing::build(sample_snapshot({.campaigns = 100'000}));
  assert_true(bytes.size() <= 40'000'000);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_mistake_is_named_with_entity_field_and_reason),
      cmocka_unit_test(all_mistakes_are_reported_at_once),
      cmocka_unit_test(streams_are_sorted_as_they_are_tried),
      cmocka_unit_test(deleted_things_of_a_base_are_left_out_and_paused_destinations_have_no_place),
      cmocka_unit_test(rules_are_compiled_and_equal_conditions_are_written_once),
      cmocka_unit_test(destinations_with_many_rules_are_shared_by_many_streams),
      cmocka_unit_test(status_words_are_sorted_in_lower_case),
      cmocka_unit_test(a_hundred_thousand_campaigns_take_at_most_40_megabytes),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
