#include "ingestor/outbound/retry_ladder.h"

#include "core/base/cmocka.h"

using namespace tributary::ingest;

namespace {

// proves: A67
void every_wait_is_used_once_and_grows_by_at_most_a_fifth(void**) {
  const auto ladder = RetryLadder::parse("60, 300 86400");
  assert_true(ladder.ok());
  std::minstd_rand random(1);
  const std::int64_t waits[] = {60'000, 300'000, 86'400'000};
  for (int round = 0; round < 1000; ++round) {
    for (std::int64_t attempt = 1; attempt <= 3; ++attempt) {
      const auto wait = ladder->wait_after(attempt, random);
      assert_true(wait.has_value());
      assert_true(wait->count() >= waits[attempt - 1] && wait->count() <= waits[attempt - 1] * 6 / 5);
    }
  }
  assert_false(ladder->wait_after(4, random).has_value());
}

// proves: A67
void what_is_no_ladder_is_refused(void**) {
  for (const char* text : {"", " , ", "60 x", "-1", "1.5", "2592001", "99999999999999999999"}) {
    assert_false(RetryLadder::parse(text).ok());
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_wait_is_used_once_and_grows_by_at_most_a_fifth),
      cmocka_unit_test(what_is_no_ladder_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
