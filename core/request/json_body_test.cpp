#include "core/request/json_body.h"

#include <array>
#include <string>
#include <vector>

#include "core/base/cmocka.h"

using namespace tributary;
using namespace std::string_view_literals;
using Code = JsonBodyError::Code;

namespace {

// The parameters as "name=value|name=value".
std::string shown(std::string_view body) {
  std::vector<char> memory(body.size());
  Arena arena{memory};
  std::array<QueryParameter, 16> out;
  const auto count = parse_flat_json(body, out, arena);
  if (!count.ok()) {
    print_error("%.*s: %s\n", static_cast<int>(body.size()), body.data(),
                json_body_error_text(count.error().code).data());
  }
  assert_true(count.ok());
  std::string text;
  for (const QueryParameter& parameter : std::span(out).first(*count)) {
    assert_true(parameter.decoded);
    text += (text.empty() ? "" : "|") + std::string(parameter.name) + "=" + std::string(parameter.value);
  }
  return text;
}

JsonBodyError error_of(std::string_view body) {
  std::vector<char> memory(body.size());
  Arena arena{memory};
  std::array<QueryParameter, 16> out;
  const auto count = parse_flat_json(body, out, arena);
  assert_false(count.ok());
  return count.error();
}

// proves: A59
void members_become_parameters(void**) {
  assert_text(shown(R"({"click_id":"abc","payout":"1.50","status":"sale"})"), "click_id=abc|payout=1.50|status=sale");
  assert_text(shown(" {} \r\n"), "");
  assert_text(shown(R"({"a":true,"b":false,"c":null,"d":""})"), "a=true|b=false|c=|d=");
}

void numbers_keep_their_source_text(void**) {
  assert_text(shown(R"({"a":12.500000000000000000001,"b":9007199254740993,"c":-0,"d":1e400,"e":0.1})"),
              "a=12.500000000000000000001|b=9007199254740993|c=-0|d=1e400|e=0.1");
}

void text_is_unescaped(void**) {
  assert_text(shown(R"({"a\u00e9":"x\ny \"\\\/ \ud83c\udf89","p":"50%25+"})"),
              "a\xc3\xa9=x\ny \"\\/ \xf0\x9f\x8e\x89|p=50%25+");
}

void nesting_is_refused_at_once_however_deep(void**) {
  assert_int_equal(error_of(R"({"a":{"b":1}})").code, Code::not_flat);
  assert_int_equal(error_of(R"({"a":[1]})").code, Code::not_flat);
  assert_int_equal(error_of("[1]").code, Code::not_flat);
  assert_int_equal(error_of("5").code, Code::not_flat);
  assert_int_equal(error_of("\"text\"").code, Code::not_flat);
  assert_int_equal(error_of("null").code, Code::not_flat);
  assert_int_equal(error_of("{\"a\":" + std::string(1'000'000, '[')).code, Code::not_flat);
}

void duplicate_names_are_refused(void**) {
  assert_int_equal(error_of(R"({"a":1,"b":2,"a":3})").code, Code::duplicate_key);
  assert_int_equal(error_of(R"({"a":null,"\u0061":3})").code, Code::duplicate_key);
}

void what_is_not_json_is_refused_where_it_goes_wrong(void**) {
  for (const std::string_view body :
       {""sv, "{"sv, "{\"a\":1"sv, "{\"a\":NaN}"sv, "{\"a\":Infinity}"sv, "{\"a\":01}"sv, "{\"a\":1,}"sv, "{'a':1}"sv,
        "{\"a\":1}x"sv, "{\"a\":1}{}"sv, "\xef\xbb\xbf{}"sv, "\xff\xfe{\0}\0"sv, "{\"a\":\"\xff\"}"sv,
        "{\"a\":\"\n\"}"sv, "{\"a\":\"\\ud800\"}"sv, "{\"a\":1e}"sv, "// x\n{}"sv, "a=1&b=2"sv}) {
    assert_int_equal(error_of(body).code, Code::malformed);
  }
  assert_int_equal(error_of("{\"a\":1} x").offset, 8);
  assert_true(error_of("{\"a\":1,\"b\":x}").offset >= 11);
}

void too_much_is_refused(void**) {
  std::string many = "{";
  for (int i = 0; i < 17; ++i) {
    many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
  }
  assert_int_equal(error_of(many + "}").code, Code::too_large);

  std::array<char, 10> memory;
  Arena arena{memory};
  std::array<QueryParameter, 4> out;
  const auto count = parse_flat_json(R"({"a":"0123456789"})", out, arena);
  assert_int_equal(count.error().code, Code::too_large);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(members_become_parameters),   cmocka_unit_test(numbers_keep_their_source_text),
      cmocka_unit_test(text_is_unescaped),           cmocka_unit_test(nesting_is_refused_at_once_however_deep),
      cmocka_unit_test(duplicate_names_are_refused), cmocka_unit_test(what_is_not_json_is_refused_where_it_goes_wrong),
      cmocka_unit_test(too_much_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
