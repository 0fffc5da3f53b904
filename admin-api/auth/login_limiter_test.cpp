#include "admin-api/auth/login_limiter.h"

#include "admin-api/auth/secret_token.h"
#include "core/base/cmocka.h"

namespace {

using namespace tributary::admin;
using namespace std::chrono_literals;

void the_third_failure_closes_the_door_until_the_window_is_over(void**) {
  LoginLimiter limiter(3, 60s, 10);
  const LoginLimiter::Clock::time_point start{};
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(limiter.wait_for("a", start).count(), 0);
    limiter.failed("a", start + 10s);
  }
  assert_int_equal(limiter.wait_for("a", start + 20s).count(), 50);
  assert_int_equal(limiter.wait_for("b", start + 20s).count(), 0);
  assert_int_equal(limiter.wait_for("a", start + 70s).count(), 0);
}

void a_success_forgets_the_failures(void**) {
  LoginLimiter limiter(1, 60s, 10);
  limiter.failed("a", {});
  limiter.succeeded("a");
  assert_int_equal(limiter.wait_for("a", {}).count(), 0);
}

void a_full_table_gives_up_its_oldest_entry(void**) {
  LoginLimiter limiter(1, 60s, 2);
  const LoginLimiter::Clock::time_point start{};
  limiter.failed("old", start);
  limiter.failed("new", start + 1s);
  limiter.failed("newest", start + 2s);
  assert_int_equal(limiter.evicted(), 1);
  assert_int_equal(limiter.wait_for("old", start + 2s).count(), 0);
  assert_true(limiter.wait_for("new", start + 2s).count() > 0);
}

void an_api_key_with_a_typo_is_recognised(void**) {
  auto key = new_api_key();
  assert_true(is_api_key(key));
  assert_text(api_key_prefix(key), key.substr(0, 17));
  key[12] = key[12] == 'a' ? 'b' : 'a';
  assert_false(is_api_key(key));
  assert_false(is_api_key("trk_live_"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_third_failure_closes_the_door_until_the_window_is_over),
      cmocka_unit_test(a_success_forgets_the_failures),
      cmocka_unit_test(a_full_table_gives_up_its_oldest_entry),
      cmocka_unit_test(an_api_key_with_a_typo_is_recognised),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
