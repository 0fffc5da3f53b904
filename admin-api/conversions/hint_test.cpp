#include "admin-api/conversions/hint.h"

#include "core/base/cmocka.h"

namespace {

using namespace tributary;
using namespace tributary::admin;

std::string hint(PostbackVerdict verdict, std::string query, std::string body = {}, std::string_view status = {}) {
  const StoredCall call("/postback/acme/***?" + query, std::move(body));
  return postback_hint(verdict, "short", status, call);
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// proves: A65
void a_macro_is_named_with_its_parameter(void**) {
  const auto text = hint(PostbackVerdict::unexpanded_macro, "cid=%7Bclickid%7D&txid=7&payout={payout}");
  assert_true(says(text, R"("cid" = "{clickid}", "payout" = "{payout}")"));
  assert_false(says(text, "txid"));
  assert_true(says(hint(PostbackVerdict::unexpanded_macro, "", R"({"cid": "[clickid]"})"), R"("cid" = "[clickid]")"));
}

void a_click_id_under_an_unknown_name_is_pointed_out(void**) {
  const auto text = hint(PostbackVerdict::missing_click, "aff_sub9=0123456789abcdefghjkmnpqrstvwxyz");
  assert_true(says(text, R"("aff_sub9" = "0123456789abcdefghjkmnpqrstvwxyz")"));
  assert_true(says(text, "mapping of click_id"));
  assert_true(says(hint(PostbackVerdict::missing_click, "a=b"), "{click_id}"));
}

void a_status_word_and_an_amount_are_named(void**) {
  assert_true(says(hint(PostbackVerdict::unknown_status, "", "", "okay"), "\"okay\""));
  assert_true(says(hint(PostbackVerdict::bad_money, "payout=ten&cost=1"), "\"payout\" = \"ten\""));
  assert_false(says(hint(PostbackVerdict::bad_money, "payout=ten&cost=1"), "cost"));
  assert_true(says(hint(PostbackVerdict::bad_currency, "currency=EURO"), "\"EURO\""));
  assert_true(says(hint(PostbackVerdict::malformed_click, ""), "has 5 characters"));
}

void what_counts_needs_no_change_and_everything_else_has_a_hint(void**) {
  for (int number = 1; number < 256; ++number) {
    const auto verdict = static_cast<PostbackVerdict>(number);
    if (postback_verdict_name(verdict) == "unknown") continue;
    assert_int_equal(hint(verdict, "payout=1").empty(), counts_as_conversion(verdict));
  }
}

void bytes_that_are_no_text_are_shown_as_replacements_and_cut(void**) {
  const auto text = hint(PostbackVerdict::unknown_status, "", "", std::string(200, '\xff'));
  assert_true(says(text, "\xef\xbf\xbd"));
  assert_true(text.size() < 500);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_macro_is_named_with_its_parameter),
      cmocka_unit_test(a_click_id_under_an_unknown_name_is_pointed_out),
      cmocka_unit_test(a_status_word_and_an_amount_are_named),
      cmocka_unit_test(what_counts_needs_no_change_and_everything_else_has_a_hint),
      cmocka_unit_test(bytes_that_are_no_text_are_shown_as_replacements_and_cut),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
