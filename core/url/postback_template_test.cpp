#include "core/url/postback_template.h"

#include <array>
#include <map>
#include <string>

#include "core/base/cmocka.h"
#include "core/url/conversion_macro.h"

using namespace tributary;

namespace {

class Values final : public MacroSource {
 public:
  std::map<Macro, std::string> values;
  std::string_view value(Macro macro) noexcept override {
    const auto it = values.find(macro);
    return it == values.end() ? std::string_view{} : it->second;
  }
};

Values sample() {
  Values values;
  values.values = {{conversion_macro::kPayout, "1.5"},
                   {conversion_macro::kStatus, "sale"},
                   {conversion_macro::kTransaction, "a\"b\\c\n{payout}"},
                   {Macro::external_id, "X Y&z"},
                   {Macro::sub_id_1, "AbC"}};
  return values;
}

std::string rendered(std::string_view source, PostbackPart part) {
  const auto compiled = compile_postback(source, part);
  if (!compiled.ok()) return "error: " + compiled.error().reason;
  Values values = sample();
  if (part == PostbackPart::json) return render_json(compiled->text, compiled->parts, values);
  std::array<char, kMaxRenderedUrl> out;
  return {out.data(), render_template(compiled->text, compiled->parts, values, out)};
}

void expect_error(std::string_view source, PostbackPart part, std::string_view text) {
  const std::string found = rendered(source, part);
  assert_true(found.starts_with("error: "));
  assert_true(found.find(text) != std::string::npos);
}

// proves: A67
void url_names_conversion_and_click(void**) {
  assert_text(rendered("https://p.example/?c={external_id}&s={status}&p={sum}", PostbackPart::url),
              "https://p.example/?c=X%20Y%26z&s=sale&p=1.5");
  assert_text(rendered("https://p.example/{tid}", PostbackPart::url), "https://p.example/a%22b%5Cc%0A%7Bpayout%7D");
}

// proves: A67
void macros_of_others_stay_and_ours_never_leak(void**) {
  assert_text(rendered("https://p.example/?a={ZONE}&b={{payout}}&c=${payout}&d=[x]&e={payout:keep}", PostbackPart::url),
              "https://p.example/?a={ZONE}&b={{payout}}&c=${payout}&d=[x]&e={payout}");
  expect_error("https://p.example/?a={payot}", PostbackPart::url, "did you mean");
  expect_error("https://p.example/?a={Payout}", PostbackPart::url, "did you mean {payout}");
  expect_error("https://p.example/?a={date:Y}", PostbackPart::url, "has no value in a postback");
  expect_error("https://{status}.example/", PostbackPart::url, "");
  expect_error("ftp://p.example/", PostbackPart::url, "http");
}

void destinations_do_not_know_conversions(void**) {
  const auto url = compile_template("https://p.example/?a={payout}&b={status}");
  assert_true(url.ok());
  assert_text(url->text, "https://p.example/?a={payout}&b={status}");
}

void form_is_encoded_like_a_query(void**) {
  assert_text(rendered("c={external_id}&s={status}", PostbackPart::form), "c=X%20Y%26z&s=sale");
}

// proves: F54
void json_values_stay_inside_their_strings(void**) {
  assert_text(
      rendered(R"({"t": "{tid}", "n": {"p": {payout}, "r": {revenue}}, "s": "{sub_id_1:lower}"})", PostbackPart::json),
      "{\"t\": \"a\\\"b\\\\c\\u000a{payout}\", \"n\": {\"p\": 1.5, \"r\": null}, \"s\": \"abc\"}");
  assert_text(rendered(R"({"a": "\"{status}", "b": "{{x}}${status}{FOREIGN}"})", PostbackPart::json),
              R"({"a": "\"sale", "b": "{{x}}${status}{FOREIGN}"})");
  expect_error(R"({"t": {tid}})", PostbackPart::json, "inside a string");
  expect_error(R"({"t": "{tid:hash}"})", PostbackPart::json, "not for JSON");
  expect_error(R"({"t": "{stauts}"})", PostbackPart::json, "did you mean {status}");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(url_names_conversion_and_click),
      cmocka_unit_test(macros_of_others_stay_and_ours_never_leak),
      cmocka_unit_test(destinations_do_not_know_conversions),
      cmocka_unit_test(form_is_encoded_like_a_query),
      cmocka_unit_test(json_values_stay_inside_their_strings),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
