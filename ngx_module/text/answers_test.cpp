#include "core/base/cmocka.h"
#include "ngx_module/text/config_answer.h"
#include "ngx_module/text/postback_answer.h"
#include "ngx_module/text/report.h"

using namespace tributary;

namespace {

Postback sale() {
  Postback postback;
  postback.verdict = PostbackVerdict::accepted;
  postback.conversion_id = 42;
  postback.click_text = "abc";
  postback.transaction = "t\"1";
  return postback;
}

constexpr std::uint64_t kTime = 1'692'809'130'456;  // 2023-08-23T16:45:30.456Z

std::string merged(const Postback& postback) {
  return postback_answer(postback, PostbackAnswerKind::merged, kTime).body;
}

Postback of_affiliate() {
  Postback postback;
  postback.verdict = PostbackVerdict::accepted;
  postback.affiliate = 1;
  postback.conversion_id = 42;
  postback.click_text = "abc123";
  postback.revenue_micros = 100'000'000;
  postback.revenue_given = true;
  postback.currency = "USD";
  return postback;
}

constexpr std::string_view kData =
    R"("data":{"conversion_id":42,"click_id":"abc123","affiliate_id":1,"amount":100,"currency":"USD",)"
    R"("timestamp":"2023-08-23T16:45:30.456Z"}})";

void an_accepted_postback_names_its_conversion(void**) {
  assert_text(merged(sale()),
              R"({"success":true,"status":"success","message":"Conversion tracked successfully","verdict":"accepted",)"
              R"("data":{"conversion_id":42,"click_id":"abc","transaction_id":"t\"1","amount":0,"currency":"",)"
              R"("timestamp":"2023-08-23T16:45:30.456Z"}})");
}

// proves: B16 B19 E16 E17
void each_kind_of_answer_has_its_shape(void**) {
  const auto body = [](const Postback& postback, PostbackAnswerKind kind) {
    return postback_answer(postback, kind, kTime).body;
  };
  const std::string data(kData);
  assert_text(merged(of_affiliate()),
              R"({"success":true,"status":"success","message":"Conversion tracked successfully",)"
              R"("verdict":"accepted",)" +
                  data);
  assert_text(body(of_affiliate(), PostbackAnswerKind::data),
              R"({"success":true,"message":"Conversion tracked successfully",)" + data);
  assert_text(body(of_affiliate(), PostbackAnswerKind::status),
              R"({"status":"success","message":"Conversion tracked"})");
  Postback invalid = of_affiliate();
  invalid.verdict = PostbackVerdict::unknown_click;
  assert_text(merged(invalid), R"({"status":"error","message":"Invalid click"})");
  assert_text(body(invalid, PostbackAnswerKind::status), R"({"status":"error","message":"Invalid click"})");
  assert_text(body(invalid, PostbackAnswerKind::data), R"({"success":false,"message":"Invalid click"})");
  assert_text(body(invalid, PostbackAnswerKind::plain), "unknown_click");
  assert_text(body(of_affiliate(), PostbackAnswerKind::plain), "OK");
  const PostbackAnswer pixel = postback_answer(invalid, PostbackAnswerKind::gif, kTime);
  assert_text(pixel.type, "image/gif");
  assert_true(pixel.body.starts_with("GIF89a") && pixel.body.size() == 43);
  const PostbackAnswer empty = postback_answer(of_affiliate(), PostbackAnswerKind::empty, kTime);
  assert_int_equal(empty.status, 204);
  assert_true(empty.body.empty());
}

void what_waits_for_its_click_says_so(void**) {
  Postback postback = of_affiliate();
  postback.verdict = PostbackVerdict::click_pending;
  assert_true(merged(postback).starts_with(R"({"success":true,"status":"pending",)"));
}

void a_repeat_says_so(void**) {
  Postback postback = sale();
  postback.verdict = PostbackVerdict::repeated;
  const std::string answer = merged(postback);
  assert_true(answer.find(R"("message":"Conversion already tracked","verdict":"repeated")") != std::string::npos);
}

void what_is_quarantined_says_why(void**) {
  Postback postback = sale();
  postback.verdict = PostbackVerdict::bad_money;
  const std::string answer = merged(postback);
  assert_true(
      answer.starts_with(R"({"success":false,"status":"error","message":"Invalid amount","verdict":"bad_money",)"));
  assert_true(answer.find(R"("detail":")") != std::string::npos);
}

void hostile_text_stays_valid_json(void**) {
  Postback postback = sale();
  postback.transaction = "\xff\n\\";
  assert_true(merged(postback).find("\"transaction_id\":\"\xef\xbf\xbd\\u000a\\\\\"") != std::string::npos);
}

void a_generation_is_acknowledged_when_every_worker_serves_it(void**) {
  const LiveSlot old_slots[] = {{0, 10, pack_generation({1, 5})}, {1, 11, pack_generation({1, 4})}};
  const LiveSlot new_slots[] = {{0, 10, pack_generation({1, 5})}, {1, 11, pack_generation({1, 5})}};
  const auto ends_with = [](const std::string& text, std::string_view end) { return text.ends_with(end); };
  const CapReport caps{.known = true, .life = 0xfedcba9876543210, .slots = 8};
  assert_true(
      ends_with(acknowledgement_answer("e", 1, {1, 5}, 1234, {1, 7}, caps, old_slots), R"("acknowledged":false})"));
  assert_text(
      acknowledgement_answer("e", 1, {1, 5}, 1234, {1, 7}, caps, new_slots),
      R"({"edge":"e","number":1,"formats":{"min":1,"max":1},"epoch":1,"counter":5,"created_ms":1234,)"
      R"("overlay":{"epoch":1,"counter":7},"caps":{"known":true,"life":"fedcba9876543210","slots":8},"workers":[)"
      R"({"slot":0,"pid":10,"epoch":1,"counter":5},{"slot":1,"pid":11,"epoch":1,"counter":5}],"acknowledged":true})");
}

void nothing_published_is_nothing_acknowledged(void**) {
  const LiveSlot slots[] = {{0, 10, 0}};
  assert_true(acknowledgement_answer("e", 1, {}, 0, {}, {}, slots).ends_with(R"("acknowledged":false})"));
}

void every_family_of_the_metrics_has_help_type_and_samples(void**) {
  EdgeReport report;
  report.edge = "e";
  report.workers.resize(2);
  report.workers[1].slot = 1;
  const std::string text = metrics_text(report);
  std::size_t families = 0;
  for (std::size_t at = text.find("# TYPE "); at != std::string::npos; at = text.find("# TYPE ", at + 1)) {
    const std::string name = text.substr(at + 7, text.find(' ', at + 7) - at - 7);
    assert_true(text.find("# HELP " + name + " ") < at);
    assert_true(text.find("\n" + name) > at);
    ++families;
  }
  assert_true(families > kCounterCount);
  assert_true(text.find("tributary_journal_committed_bytes_total{slot=\"1\"} 0\n") != std::string::npos);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(an_accepted_postback_names_its_conversion),
      cmocka_unit_test(each_kind_of_answer_has_its_shape),
      cmocka_unit_test(what_waits_for_its_click_says_so),
      cmocka_unit_test(a_repeat_says_so),
      cmocka_unit_test(what_is_quarantined_says_why),
      cmocka_unit_test(hostile_text_stays_valid_json),
      cmocka_unit_test(a_generation_is_acknowledged_when_every_worker_serves_it),
      cmocka_unit_test(nothing_published_is_nothing_acknowledged),
      cmocka_unit_test(every_family_of_the_metrics_has_help_type_and_samples),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
