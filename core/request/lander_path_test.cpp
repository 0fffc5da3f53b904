#include "core/request/lander_path.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

void check(std::string_view tail, std::uint32_t offer, std::string_view token) {
  const LanderPath path = read_lander_path(tail);
  assert_int_equal(path.offer, offer);
  assert_text(path.token, token);
}

void a_link_names_an_offer_a_click_both_or_neither(void**) {
  check("", 0, "");
  check("2", 2, "");
  check("2/d0rh86r00082001g", 2, "d0rh86r00082001g");
  check("d0rh86r00082001g", 0, "d0rh86r00082001g");
  check("0", 0, "");
  check("9999/x/y", 9999, "x");
}

void what_is_no_small_number_is_no_offer(void**) {
  check("12345", 0, "12345");
  check("-1", 0, "-1");
  check("2x", 0, "2x");
  check(" 2", 0, " 2");
  check("//2", 0, "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_link_names_an_offer_a_click_both_or_neither),
      cmocka_unit_test(what_is_no_small_number_is_no_offer),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
