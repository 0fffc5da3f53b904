#include "core/customer_event/event_body.h"

#include <string>
#include <vector>

#include "core/base/cmocka.h"

// proves: C39 C78 C134 C135

namespace tributary {
namespace {

// One body with the memory that its events point into.
struct Read {
  explicit Read(std::string text, EventBodyRules rules = {}, std::size_t most = 8)
      : body(std::move(text)), memory(body.size()), out(most) {
    Arena arena{memory};
    const auto count = parse_event_body(body, rules, out, arena);
    failed = !count;
    if (failed) {
      error = count.error().code;
    }
    out.resize(failed ? 0 : *count);
  }

  std::string body;
  std::vector<char> memory;
  std::vector<ParsedEvent> out;
  bool failed = false;
  EventBodyError::Code error{};
};

ParsedEvent one(const Read& read) {
  assert_int_equal(read.out.size(), 1);
  return read.out[0];
}

void every_field_of_an_event_is_read(void**) {
  const Read read(
      R"({"action":"purchase","value":49.90,"currency":"eur","coupon_code":"ANNA-10","ref_code":"anna",)"
      R"("landing_url":"https:\/\/x.example\/","referrer":"r","click_id":"c","event_id":1001,)"
      R"("customer_key":"k","other":{"a":[1]},"properties":{"sku":["A",1.50,true,null,{}],"t":"\"\u00e9"}})");
  const ParsedEvent parsed = one(read);
  assert_int_equal(parsed.problem, EventProblem::none);
  const CustomerEvent& event = parsed.event;
  assert_int_equal(event.action, CustomerAction::purchase);
  assert_true(event.value_given);
  assert_int_equal(event.value_micros, 49'900'000);
  assert_true(event.currency == "EUR" && event.coupon_code == "ANNA-10" && event.ref_code == "anna");
  assert_true(event.landing_url == "https://x.example/" && event.referrer == "r" && event.click_text == "c");
  assert_true(event.customer_key == "k" && parsed.event_id == "1001");
  assert_true(event.properties == "{\"sku\":[\"A\",1.50,true,null,{}],\"t\":\"\\\"\u00e9\"}");
}

void an_event_that_is_wrong_spoils_only_itself(void**) {
  const Read read(R"([{"action":"signup"}, 7, [{"action":"signup"}], {"action":"signup","value":"x"}, "text",)"
                  R"( {"action":"add_to_cart","value":null}])");
  assert_int_equal(read.out.size(), 6);
  const EventProblem expected[] = {EventProblem::none,      EventProblem::not_an_object, EventProblem::not_an_object,
                                   EventProblem::bad_value, EventProblem::not_an_object, EventProblem::none};
  for (std::size_t i = 0; i < 6; ++i) {
    assert_int_equal(read.out[i].problem, expected[i]);
  }
  assert_false(read.out[5].event.value_given);
}

struct Wrong {
  const char* body;
  EventProblem problem;
  std::string_view field;
};

void what_is_wrong_is_named_with_its_field(void**) {
  constexpr Wrong kCases[] = {
      {R"({})", EventProblem::missing_action, "action"},
      {R"({"action":"refund"})", EventProblem::bad_action, "action"},
      {R"({"action":"drop_off"})", EventProblem::bad_action, "action"},
      {R"({"action":"signup","action":"signup"})", EventProblem::duplicate_name, "action"},
      {R"({"action":"signup","value":-0.01})", EventProblem::bad_value, "value"},
      {R"({"action":"signup","value":1e2})", EventProblem::bad_value, "value"},
      {R"({"action":"signup","value":0.0000001})", EventProblem::bad_value, "value"},
      {R"({"action":"signup","value":1000000000001})", EventProblem::bad_value, "value"},
      {R"({"action":"signup","value":true})", EventProblem::wrong_type, "value"},
      {R"({"action":"signup","currency":"EURO"})", EventProblem::bad_currency, "currency"},
      {R"({"action":"signup","currency":"XTS"})", EventProblem::bad_currency, "currency"},
      {R"({"action":"signup","ref_code":{"a":1}})", EventProblem::wrong_type, "ref_code"},
      {R"({"action":"signup","properties":[]})", EventProblem::wrong_type, "properties"},
      {R"({"action":"signup","properties":"{}"})", EventProblem::wrong_type, "properties"},
      {R"({"action":"signup","properties":{"a":1e301}})", EventProblem::bad_number, "properties"},
  };
  for (const Wrong& expected : kCases) {
    const Read read(expected.body);
    const ParsedEvent parsed = one(read);
    assert_int_equal(parsed.problem, expected.problem);
    assert_true(parsed.field == expected.field);
  }
}

void what_is_too_long_is_refused(void**) {
  const auto problem = [](const std::string& field, std::size_t length) {
    return one(Read(R"({"action":"signup",")" + field + "\":\"" + std::string(length, 'x') + "\"}")).problem;
  };
  for (const auto& [field, most] : {std::pair{"coupon_code", kMaxEventName},
                                    {"event_id", kMaxEventName},
                                    {"landing_url", kMaxEventUrl},
                                    {"click_id", kMaxEventClick}}) {
    assert_int_equal(problem(field, most), EventProblem::none);
    assert_int_equal(problem(field, most + 1), EventProblem::too_long);
  }
  const std::string value(kMaxEventProperties, 'x');
  assert_int_equal(one(Read(R"({"action":"signup","properties":{"a":")" + value + "\"}}")).problem,
                   EventProblem::too_long);
}

void a_url_of_one_action_needs_no_name_and_takes_no_other(void**) {
  const EventBodyRules drop_off{.action = CustomerAction::drop_off};
  assert_int_equal(one(Read("{}", drop_off)).event.action, CustomerAction::drop_off);
  assert_int_equal(one(Read(R"({"action":"drop_off"})", drop_off)).problem, EventProblem::none);
  assert_int_equal(one(Read(R"({"action":"signup"})", drop_off)).problem, EventProblem::bad_action);
}

void lines_are_judged_one_by_one(void**) {
  const Read read("{\"action\":\"signup\"}\r\n\n[1]\nnot json\n  {\"action\":\"custom\"} \n{\"action\":\"signup\"} {}",
                  {.lines = true});
  assert_int_equal(read.out.size(), 5);
  const EventProblem expected[] = {EventProblem::none, EventProblem::not_an_object, EventProblem::malformed,
                                   EventProblem::none, EventProblem::malformed};
  for (std::size_t i = 0; i < 5; ++i) {
    assert_int_equal(read.out[i].problem, expected[i]);
  }
}

void a_body_that_holds_no_events_is_refused_as_a_whole(void**) {
  using Code = EventBodyError::Code;
  std::string deep;
  for (std::size_t i = 0; i < kMaxEventDepth + 2; ++i) {
    deep += R"({"properties":)";
  }
  const std::pair<std::string, Code> cases[] = {
      {"", Code::empty},
      {" \n", Code::empty},
      {"[]", Code::empty},
      {"7", Code::not_events},
      {"\"text\"", Code::not_events},
      {"{", Code::malformed},
      {"{} {}", Code::malformed},
      {"{\"action\":NaN}", Code::malformed},
      {"{\"action\":\"\xff\"}", Code::malformed},
      {R"({"action":"\ud800"})", Code::malformed},
      {deep, Code::malformed},
      {"[{},{},{}]", Code::too_many},
  };
  for (const auto& [body, code] : cases) {
    const Read read(body, {}, 2);
    assert_true(read.failed);
    assert_int_equal(read.error, code);
  }
}

void what_no_database_takes_is_written_so_that_it_does(void**) {
  const Read read(R"({"action":"custom","properties":{"\u0000":"\u0000\u0001\u001f\n\\\/"}})");
  assert_true(one(read).event.properties == "{\"\xef\xbf\xbd\":\"\xef\xbf\xbd\\u0001\\u001f\\n\\\\/\"}");
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_field_of_an_event_is_read),
      cmocka_unit_test(an_event_that_is_wrong_spoils_only_itself),
      cmocka_unit_test(what_is_wrong_is_named_with_its_field),
      cmocka_unit_test(what_is_too_long_is_refused),
      cmocka_unit_test(a_url_of_one_action_needs_no_name_and_takes_no_other),
      cmocka_unit_test(lines_are_judged_one_by_one),
      cmocka_unit_test(a_body_that_holds_no_events_is_refused_as_a_whole),
      cmocka_unit_test(what_no_database_takes_is_written_so_that_it_does),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
