#include "ngx_module/text/redirect_page.h"

#include <string>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

constexpr std::string_view kHostile = "https://x.example/?a=\"><script>alert('1')</script>&amp;b=\\&c=\x01\xe2\x80\xa8";

std::string page(RedirectPage kind, std::string_view url) {
  const PageValues values{.url = url, .click_id = "id32", .reason = "regular", .campaign = 1, .stream = 2};
  std::string out(write_page(kind, values, nullptr), '\0');
  assert_int_equal(write_page(kind, values, out.data()), out.size());
  return out;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// proves: A54
void a_url_cannot_leave_its_attribute(void**) {
  for (const RedirectPage kind : {RedirectPage::meta, RedirectPage::hide_referrer}) {
    const std::string html = page(kind, kHostile);
    assert_int_equal(count(html, "<script"), 0);
    assert_int_equal(count(html, "?a=&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;b=\\"), 2);
  }
}

// proves: A54
void a_url_cannot_end_its_script_or_its_string(void**) {
  const std::string html = page(RedirectPage::javascript, kHostile);
  assert_int_equal(count(html, "</script>"), 1);
  assert_int_equal(
      count(html, R"(replace("https://x.example/?a=\u0022\u003e\u003cscript\u003ealert(\u00271\u0027)\u003c)"), 1);
  assert_int_equal(count(html, R"(b=\u005c\u0026c=\u0001\u00e2\u0080\u00a8"))"), 1);
}

void only_a_page_that_hides_it_says_so_about_the_referrer(void**) {
  assert_int_equal(count(page(RedirectPage::hide_referrer, "https://x/"), "content=\"no-referrer\""), 1);
  assert_int_equal(count(page(RedirectPage::meta, "https://x/"), "no-referrer"), 0);
}

void a_decision_is_json(void**) {
  assert_text(page(RedirectPage::json, "https://x/?a=\"&b"),
              R"({"click_id":"id32","url":"https://x/?a=\u0022\u0026b","reason":"regular",)"
              R"("campaign_id":1,"stream_id":2,"destination_id":0})");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_url_cannot_leave_its_attribute),
      cmocka_unit_test(a_url_cannot_end_its_script_or_its_string),
      cmocka_unit_test(only_a_page_that_hides_it_says_so_about_the_referrer),
      cmocka_unit_test(a_decision_is_json),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
