#include "core/url/next_hop.h"

#include <string>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

// proves: A57
void a_next_hop_begins_with_what_is_allowed_segment_by_segment(void**) {
  const std::string_view allowed = "https://shop.example/sale";
  for (const std::string_view url :
       {"https://shop.example/sale", "https://shop.example/sale/", "https://shop.example/sale/a/b?x=1#y",
        "https://shop.example/sale?x=https://other.example/", "HTTPS://Shop.Example/sale",
        "https://shop.example/sale#"}) {
    assert_true(is_next_hop(url, allowed));
  }
  for (const std::string_view url :
       {"https://shop.example/sales", "https://shop.example/Sale", "https://shop.example/", "https://shop.example",
        "http://shop.example/sale", "https://shop.example:8443/sale", "https://shop.example.evil.example/sale",
        "https://evil.example/https://shop.example/sale", "https://evil.example/?https://shop.example/sale"}) {
    assert_false(is_next_hop(url, allowed));
  }
  assert_true(is_next_hop("https://shop.example?x=1", "https://shop.example"));
  assert_true(is_next_hop("https://shop.example/any", "https://shop.example/"));
  assert_true(is_next_hop("https://shop.example/sale/x", "https://shop.example/sale/"));
}

// proves: A57
void what_a_browser_would_read_as_another_place_is_refused(void**) {
  const std::string_view allowed = "https://shop.example/sale";
  for (const std::string_view url : {"",
                                     "//shop.example/sale",
                                     "/sale",
                                     "shop.example/sale",
                                     "javascript:alert(1)//shop.example/sale",
                                     "https:shop.example/sale",
                                     "https:///shop.example/sale",
                                     "https:\\\\shop.example/sale",
                                     "https://shop.example\\@evil.example/sale",
                                     "https://shop.example@evil.example/sale",
                                     "https://user@shop.example/sale",
                                     "https://evil.example#@shop.example/sale",
                                     "https://shop.example/sale/../admin",
                                     "https://shop.example/sale/..",
                                     "https://shop.example/sale/%2e%2E/admin",
                                     "https://shop.example/sale/.%2e/x",
                                     "https://shop.example/sale/a%2f..%2f../x",
                                     "https://shop.example/sale/./x",
                                     "https://shop.example/sale/..;/x\\",
                                     "https://shop.example/sale/..;/x",
                                     "https://shop.example/sale/..%5c..%5cadmin",
                                     "https://shop.example/sale/%0d%0aX:1",
                                     "https://shop.example/sale/%00",
                                     "https://shop.example/sale\r\nX: 1",
                                     "https://shop.example/sale x",
                                     "https://shop.example/sale\t",
                                     " https://shop.example/sale",
                                     "https://shop.example/sale\xc3\xa9",
                                     "https://shop.example/sale{click_id}",
                                     "https://shop.example%2f.evil.example/sale",
                                     "https://shop.example./sale/..",
                                     "https://[::1]/sale"}) {
    assert_false(is_next_hop(url, allowed));
  }
  assert_false(is_next_hop("https://shop.example/sale/" + std::string(5000, 'x'), allowed));
  assert_false(is_next_hop(std::string_view("https://shop.example/sale\0", 26), allowed));
}

void what_may_be_allowed_is_checked(void**) {
  assert_text(next_hop_problem("https://shop.example/sale"), "");
  assert_text(next_hop_problem("https://shop.example"), "");
  for (const std::string_view wrong :
       {"", "https://", "ftp://shop.example/", "https://shop.example/?x", "https://*.example/",
        "https://a@shop.example/", "https://shop.example/a/../b", "https://{host}/"}) {
    assert_true(!next_hop_problem(wrong).empty());
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_next_hop_begins_with_what_is_allowed_segment_by_segment),
      cmocka_unit_test(what_a_browser_would_read_as_another_place_is_refused),
      cmocka_unit_test(what_may_be_allowed_is_checked),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
