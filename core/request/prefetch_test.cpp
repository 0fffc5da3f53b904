#include "core/request/prefetch.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

void browsers_that_only_look_ahead_say_so(void**) {
  for (const char* value : {"prefetch", "Prefetch;prerender", "prefetch;anonymous-client-ip", "preview", "x-PREVIEW"}) {
    assert_true(says_prefetch(value));
  }
}

void anything_else_is_a_visit(void**) {
  for (const char* value : {"", "prefetc", "pre fetch", "fetch", "navigate"}) {
    assert_false(says_prefetch(value));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(browsers_that_only_look_ahead_say_so),
      cmocka_unit_test(anything_else_is_a_visit),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
