#include "ingestor/events/checks.h"

#include "core/base/cmocka.h"
#include "core/money/money.h"

using namespace tributary;
using namespace tributary::ingest;

namespace {

constexpr std::uint64_t kNowMs = 1'800'000'000'000;
constexpr std::uint64_t kMinuteMs = 60'000;
constexpr std::uint64_t kDayMs = 86'400'000;

ClockLimits clock_now() {
  ClockLimits limits;
  limits.now_us = kNowMs * 1000;
  limits.behind_us = 30 * kDayMs * 1000;
  return limits;
}

Click click_at(std::uint64_t time_ms) {
  Click click;
  click.id = pack_click_id({time_ms, 1, 1, 1, 1, 1});
  return click;
}

std::string_view reason(const std::optional<Rejection>& rejection) {
  return rejection ? rejection->reason : "accepted";
}

void a_clock_a_little_ahead_is_accepted_a_lot_is_not(void**) {
  assert_text(reason(check_click({}, click_at(kNowMs + 15 * kMinuteMs), clock_now())), "accepted");
  assert_text(reason(check_click({}, click_at(kNowMs + 15 * kMinuteMs + 1), clock_now())), "clock");
}

void what_is_older_than_the_retention_is_not_stored(void**) {
  assert_text(reason(check_click({}, click_at(kNowMs - 30 * kDayMs), clock_now())), "accepted");
  assert_text(reason(check_click({}, click_at(kNowMs - 30 * kDayMs - 1), clock_now())), "clock");
}

void numbers_that_no_column_holds_are_refused(void**) {
  Click click = click_at(kNowMs);
  click.stream = 0x80000000u;
  assert_text(reason(check_click({}, click, clock_now())), "range");
  click = click_at(kNowMs);
  click.tracking.cost_micros = kMaxMoneyMicros + 1;
  assert_text(reason(check_click({}, click, clock_now())), "range");
}

void an_event_of_an_advertiser_says_whose_it_is_which_and_what(void**) {
  EventHeader header;
  header.time_us = kNowMs * 1000;
  CustomerEvent event;
  event.advertiser = 1;
  event.id_low = 1;
  event.action = CustomerAction::signup;
  assert_text(reason(check_customer_event(header, event, clock_now())), "accepted");
  CustomerEvent wrong[] = {event, event, event, event, event};
  wrong[0].advertiser = 0;
  wrong[1].id_low = 0;
  wrong[2].action = CustomerAction::unknown;
  wrong[3].advertiser = 0x80000000u;
  wrong[4].value_micros = kMaxMoneyMicros + 1;
  for (const CustomerEvent& one : wrong) {
    assert_true(check_customer_event(header, one, clock_now()).has_value());
  }
  assert_text(reason(check_customer_event({}, event, clock_now())), "clock");
}

void text_of_visitors_is_never_a_reason_to_refuse(void**) {
  Click click = click_at(kNowMs);
  click.visit.user_agent = std::string_view("\xff\0", 2);
  assert_text(reason(check_click({}, click, clock_now())), "accepted");
}

void text_of_a_key_must_be_clean(void**) {
  Postback postback;
  postback.verdict = PostbackVerdict::accepted;
  postback.conversion_id = 1;
  postback.transaction = "\xff";
  const EventHeader header{kNowMs * 1000, 1, 1, 1, 1};
  assert_text(reason(check_postback(header, postback, clock_now())), "encoding");
  postback.verdict = PostbackVerdict::forged_click;  // quarantined: it becomes no key
  assert_text(reason(check_postback(header, postback, clock_now())), "accepted");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_clock_a_little_ahead_is_accepted_a_lot_is_not),
      cmocka_unit_test(what_is_older_than_the_retention_is_not_stored),
      cmocka_unit_test(numbers_that_no_column_holds_are_refused),
      cmocka_unit_test(an_event_of_an_advertiser_says_whose_it_is_which_and_what),
      cmocka_unit_test(text_of_visitors_is_never_a_reason_to_refuse),
      cmocka_unit_test(text_of_a_key_must_be_clean),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
