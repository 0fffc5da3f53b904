#include "admin-api/snapshot/edge_state.h"

#include "core/base/cmocka.h"

namespace {

using namespace tributary;
using namespace tributary::admin;
using namespace std::chrono_literals;
using Step = EdgeState::Step;

const EdgeState::Clock::time_point kStart{1000s};
constexpr Generation kOld{1, 4};
constexpr Generation kNew{1, 5};

EdgeState fresh() {
  return EdgeState(5s, 30s);
}

void an_unknown_edge_is_asked_before_anything_is_pushed(void**) {
  auto edge = fresh();
  assert_true(edge.next(kNew, kStart) == Step::ask);
  assert_true(edge.next(kNew, kStart) == Step::nothing);  // one request at a time
}

void an_edge_behind_is_pushed_to_then_asked_until_all_workers_have_it(void**) {
  auto edge = fresh();
  edge.answered(kOld, true, kStart);
  assert_true(edge.next(kNew, kStart) == Step::push);
  edge.pushed(kNew, kStart);
  assert_true(edge.next(kNew, kStart) == Step::ask);
  edge.answered(kNew, false, kStart);
  assert_false(edge.acknowledges(kNew));
  assert_true(edge.next(kNew, kStart) == Step::nothing);
  assert_true(edge.next(kNew, kStart + 20ms) == Step::ask);
  edge.answered(kNew, true, kStart + 20ms);
  assert_true(edge.acknowledges(kNew));
}

void an_edge_that_lost_its_state_is_pushed_to_again(void**) {
  auto edge = fresh();
  edge.answered(kNew, true, kStart);
  assert_true(edge.next(kNew, kStart + 4s) == Step::nothing);
  assert_true(edge.next(kNew, kStart + 5s) == Step::ask);
  edge.answered({}, true, kStart + 5s);
  assert_false(edge.acknowledges(kNew));
  assert_true(edge.next(kNew, kStart + 5s) == Step::push);
}

void an_edge_that_has_the_newest_gets_it_once_more_when_it_starts_over(void**) {
  auto edge = fresh();
  edge.answered(kOld, true, kStart);
  edge.pushed(kNew, kStart);
  edge.answered(kNew, true, kStart);
  assert_true(edge.next(kNew, kStart + 1ms) == Step::nothing);
  edge.start_over();
  assert_true(edge.next(kNew, kStart + 1ms) == Step::push);
  edge.pushed(kNew, kStart + 1ms);
  edge.answered(kNew, true, kStart + 1ms);
  assert_true(edge.acknowledges(kNew));
  assert_true(edge.next(kNew, kStart + 2ms) == Step::nothing);
}

void an_edge_that_takes_pushes_and_keeps_none_is_not_flooded(void**) {
  auto edge = fresh();
  edge.answered(kOld, true, kStart);
  edge.pushed(kNew, kStart);
  edge.answered(kOld, true, kStart);
  assert_true(edge.next(kNew, kStart + 1ms) == Step::nothing);
  assert_false(edge.last_error().empty());
}

void failures_are_retried_ever_more_slowly_and_never_given_up(void**) {
  auto edge = fresh();
  auto now = kStart;
  std::chrono::milliseconds last{0};
  for (int i = 0; i < 40; ++i) {
    assert_true(edge.next(kNew, now) == Step::ask);
    edge.failed("refused", now);
    const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(edge.due() - now);
    assert_true(pause >= last && pause <= 30s);
    last = pause;
    now = edge.due();
  }
  assert_true(last == 30s);
  assert_text(edge.last_error(), "refused");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(an_unknown_edge_is_asked_before_anything_is_pushed),
      cmocka_unit_test(an_edge_behind_is_pushed_to_then_asked_until_all_workers_have_it),
      cmocka_unit_test(an_edge_that_lost_its_state_is_pushed_to_again),
      cmocka_unit_test(an_edge_that_has_the_newest_gets_it_once_more_when_it_starts_over),
      cmocka_unit_test(an_edge_that_takes_pushes_and_keeps_none_is_not_flooded),
      cmocka_unit_test(failures_are_retried_ever_more_slowly_and_never_given_up),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
