#include "core/url/append_query.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

std::string appended(std::string_view url, std::size_t room = 64) {
  std::array<char, 128> buffer{};
  std::copy(url.begin(), url.end(), buffer.begin());
  return {buffer.data(), append_query({buffer.data(), url.size() + room}, url.size(), "ref_code=c1&x=2")};
}

// proves: C132
void the_query_that_is_there_stays_and_the_fragment_is_last(void**) {
  assert_text(appended("https://a/"), "https://a/?ref_code=c1&x=2");
  assert_text(appended("https://a"), "https://a?ref_code=c1&x=2");
  assert_text(appended("https://a/p?q=1"), "https://a/p?q=1&ref_code=c1&x=2");
  assert_text(appended("https://a/p?"), "https://a/p?ref_code=c1&x=2");
  assert_text(appended("https://a/p?q=1&"), "https://a/p?q=1&ref_code=c1&x=2");
  assert_text(appended("https://a/p#f"), "https://a/p?ref_code=c1&x=2#f");
  assert_text(appended("https://a/p?q=1#f?g&h"), "https://a/p?q=1&ref_code=c1&x=2#f?g&h");
}

void what_does_not_fit_is_refused(void**) {
  assert_text(appended("https://a/", 16), "https://a/?ref_code=c1&x=2");
  assert_text(appended("https://a/", 15), "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_query_that_is_there_stays_and_the_fragment_is_last),
      cmocka_unit_test(what_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
