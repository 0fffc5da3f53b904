#include "core/base/utf8.h"

#include <string>

#include "core/base/cmocka.h"

using namespace tributary;
using namespace std::string_view_literals;

namespace {

std::string cleaned(std::string_view text) {
  std::string out;
  append_clean_text(text, out);
  return out;
}

void valid_text_is_left_alone(void**) {
  for (const std::string_view text : {""sv, "plain"sv, "Zürich Київ 東京 🎉"sv, "\x7f"sv, "\xf4\x8f\xbf\xbf"sv}) {
    assert_true(is_clean_text(text));
    assert_text(cleaned(text), text);
  }
}

void nul_is_replaced_wherever_it_stands(void**) {
  for (std::size_t length = 1; length <= 24; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      text[at] = '\0';
      assert_false(is_clean_text(text));
      assert_text(cleaned(text), std::string(at, 'x') + "\xef\xbf\xbd" + std::string(length - at - 1, 'x'));
    }
  }
}

void broken_sequences_become_one_replacement_each(void**) {
  assert_text(cleaned("a\xc0\xaf"), "a\xef\xbf\xbd\xef\xbf\xbd");                                // overlong '/'
  assert_text(cleaned("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");                  // lone surrogate
  assert_text(cleaned("\xf4\x90\x80\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // above U+10FFFF
  assert_text(cleaned("\xe6\x9d"), "\xef\xbf\xbd");                                              // cut at the end
  assert_text(cleaned("\xe6\x9d!"), "\xef\xbf\xbd!");
  assert_text(cleaned("\xff\x80"), "\xef\xbf\xbd\xef\xbf\xbd");
}

void what_was_cleaned_is_clean(void**) {
  std::string text;
  for (unsigned seed = 1; seed < 200'000; ++seed) {
    const unsigned mixed = seed * 2654435761u;
    text.assign(reinterpret_cast<const char*>(&mixed), sizeof(mixed));
    const std::string result = cleaned(text + "\xe2\x82");
    assert_true(is_clean_text(result));
    assert_text(cleaned(result), result);
  }
}

void cutting_keeps_characters_whole(void**) {
  const std::string_view text =
      "a\xe6\x9d\xb1"
      "b";
  assert_text(cut_between_characters(text, 9), text);
  assert_text(cut_between_characters(text, 4), "a\xe6\x9d\xb1");
  assert_text(cut_between_characters(text, 3), "a");
  assert_text(cut_between_characters(text, 2), "a");
  assert_text(cut_between_characters(text, 0), "");
  assert_text(cut_between_characters("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(valid_text_is_left_alone),
      cmocka_unit_test(nul_is_replaced_wherever_it_stands),
      cmocka_unit_test(broken_sequences_become_one_replacement_each),
      cmocka_unit_test(what_was_cleaned_is_clean),
      cmocka_unit_test(cutting_keeps_characters_whole),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
