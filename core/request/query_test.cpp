#include "core/request/query.h"

#include <array>
#include <string>
#include <vector>

#include "core/base/cmocka.h"
#include "core/request/unexpanded_macro.h"

using namespace tributary;
using namespace std::string_view_literals;

namespace {

struct Parsed {
  std::vector<QueryParameter> parameters;
  bool truncated = false;
};

Parsed parsed(std::string_view query, std::size_t room = kMaxQueryParameters) {
  Parsed result;
  result.parameters.resize(room);
  result.parameters.resize(parse_query(query, result.parameters, result.truncated));
  return result;
}

// The parameters as "name=value|name=value".
std::string shown(std::string_view query) {
  std::string text;
  for (const QueryParameter& parameter : parsed(query).parameters) {
    text += (text.empty() ? "" : "|") + std::string(parameter.name) + "=" + std::string(parameter.value);
  }
  return text;
}

std::string decoded(std::string_view value) {
  std::array<char, 256> buffer;
  return std::string(decode_component(value, buffer));
}

std::string host(std::string_view text) {
  std::array<char, 256> buffer;
  return std::string(normalise_host(text, buffer));
}

void parameters_are_split_at_ampersands(void**) {
  assert_text(shown(""), "");
  assert_text(shown("a=1"), "a=1");
  assert_text(shown("a=1&b=2&a=3"), "a=1|b=2|a=3");
  assert_text(shown("a&b=&c=x=y;z"), "a=|b=|c=x=y;z");
}

void pieces_without_a_name_are_skipped(void**) {
  assert_text(shown("&&=1&&a=1&="), "a=1");
  assert_text(shown("====&a=b"), "a=b");
}

void more_parameters_than_room_are_reported(void**) {
  std::string query;
  for (int i = 0; i < 1000; ++i) {
    query += "&p" + std::to_string(i) + "=v";
  }
  const Parsed result = parsed(query);
  assert_int_equal(result.parameters.size(), kMaxQueryParameters);
  assert_true(result.truncated);
  assert_false(parsed("a=1&b=2&", 2).truncated);
}

void values_are_decoded_once(void**) {
  assert_text(decoded("plain"), "plain");
  assert_text(decoded("a+b%20c"), "a b c");
  assert_text(decoded("%2541"), "%41");
  assert_text(decoded("%c3%A9"), "\xc3\xa9");
  assert_text(decoded("x%00y"), "x\0y"sv);
}

void broken_escapes_stay_as_they_are(void**) {
  for (const char* text : {"%", "%%", "%4", "%zz", "100%", "%4g", "a%"}) {
    assert_text(decoded(text), text);
  }
  assert_text(decoded("%%41"), "%A");
}

void a_short_buffer_cuts_and_a_plain_value_needs_none(void**) {
  std::array<char, 3> small;
  assert_text(decode_component("a+bcd", small), "a b");
  assert_text(decode_component("a+b", std::span<char>{}), "");
  assert_text(decode_component("plain text", std::span<char>{}), "plain text");
}

void hosts_are_compared_in_one_form(void**) {
  assert_text(host("Go.Example.COM:8443"), "go.example.com");
  assert_text(host("go.example.com."), "go.example.com");
  assert_text(host("127.0.0.1:80"), "127.0.0.1");
  assert_text(host("[2001:DB8::1]:443"), "[2001:db8::1]");
  assert_text(host("xn--bcher-kva.example"), "xn--bcher-kva.example");
  assert_text(host("my_tracker.example"), "my_tracker.example");
}

void what_is_no_host_is_empty(void**) {
  for (const char* text : {"", ".", "..", "a..b", ":80", "a:b", "a:8x", "a b", "a/b", "user@host", "[::1", "[]", "[zz]",
                           "b\xc3\xbc"
                           "cher.example",
                           "{sub1}.example", "a\r\nb"}) {
    assert_text(host(text), "");
  }
  assert_text(host(std::string(64, 'a') + ".example"), "");
  assert_text(host(std::string(254, 'a')), "");
}

void text_that_only_resembles_a_macro_is_text(void**) {
  for (const char* text : {"", "{}", "{", "a{b}c", "{a b}", "{\"a\":1}", "[1]", "{123}", "#", "##", "%41", "__init__",
                           "xx", "xxlxx", "__", "!!!", "a[b]"}) {
    if (is_unexpanded_macro(text)) {
      print_error("taken for a macro: %s\n", text);
    }
    assert_false(is_unexpanded_macro(text));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_split_at_ampersands),
      cmocka_unit_test(pieces_without_a_name_are_skipped),
      cmocka_unit_test(more_parameters_than_room_are_reported),
      cmocka_unit_test(values_are_decoded_once),
      cmocka_unit_test(broken_escapes_stay_as_they_are),
      cmocka_unit_test(a_short_buffer_cuts_and_a_plain_value_needs_none),
      cmocka_unit_test(hosts_are_compared_in_one_form),
      cmocka_unit_test(what_is_no_host_is_empty),
      cmocka_unit_test(text_that_only_resembles_a_macro_is_text),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
