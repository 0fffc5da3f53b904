#include "ingestor/batch/batch_limits.h"

#include "core/base/cmocka.h"

using tributary::ingest::BatchLimits;

namespace {

void rows_or_bytes_fill_a_batch(void**) {
  const BatchLimits limits(10, 1000, 50);
  assert_false(limits.full(9, 999));
  assert_true(limits.full(10, 0));
  assert_true(limits.full(1, 1000));
}

void the_first_item_starts_the_clock(void**) {
  BatchLimits limits(10, 1000, 50);
  assert_false(limits.due(1'000'000));
  limits.added(100);
  limits.added(140);
  assert_false(limits.due(149));
  assert_true(limits.due(150));
}

// proves: F12
void a_clock_that_is_set_back_holds_no_batch(void**) {
  BatchLimits limits(10, 1000, 50);
  limits.added(3'600'000);
  assert_true(limits.due(1));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(rows_or_bytes_fill_a_batch),
      cmocka_unit_test(the_first_item_starts_the_clock),
      cmocka_unit_test(a_clock_that_is_set_back_holds_no_batch),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
