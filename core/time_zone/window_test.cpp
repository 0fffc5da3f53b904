#include "core/time_zone/window.h"

#include "core/time_zone/local_time.h"
#include "core/time_zone/test_zone.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using fbs::Period;
using testing::TestZone;

std::uint64_t ms_of(std::string_view utc) {
  return static_cast<std::uint64_t>(*parse_day(utc.substr(0, 10)) * kSecondsPerDay + *parse_clock(utc.substr(11))) *
         1000;
}

// Two instants (UTC) that are, or are not, in one window.
struct Pair {
  const char* zone;
  Period period;
  const char* earlier;
  const char* later;
  std::uint32_t windows_between;
};

const Pair kPairs[] = {
    {"UTC", Period::Hour, "2024-05-01 10:00:00", "2024-05-01 10:59:59", 0},
    {"UTC", Period::Hour, "2024-05-01 10:59:59", "2024-05-01 11:00:00", 1},
    // The hour that is there twice has two windows.
    {"Europe/Berlin", Period::Hour, "2024-10-27 00:30:00", "2024-10-27 01:30:00", 1},
    {"Europe/Berlin", Period::Hour, "2024-03-31 00:59:59", "2024-03-31 01:00:00", 1},
    {"Asia/Kathmandu", Period::Hour, "2024-05-01 10:14:59", "2024-05-01 10:15:00", 1},
    {"Asia/Kathmandu", Period::Hour, "2024-05-01 10:15:00", "2024-05-01 11:14:59", 0},
    {"America/St_Johns", Period::Hour, "2024-05-01 10:29:59", "2024-05-01 10:30:00", 1},
    // A day of 23 hours and one of 25.
    {"Europe/Berlin", Period::Day, "2024-03-30 23:00:00", "2024-03-31 21:59:59", 0},
    {"Europe/Berlin", Period::Day, "2024-03-31 21:59:59", "2024-03-31 22:00:00", 1},
    {"Europe/Berlin", Period::Day, "2024-10-26 22:00:00", "2024-10-27 22:59:59", 0},
    {"Europe/Berlin", Period::Day, "2024-10-27 22:59:59", "2024-10-27 23:00:00", 1},
    {"Asia/Almaty", Period::Day, "2024-02-29 18:30:00", "2024-02-29 19:00:00", 1},
    {"UTC", Period::Week, "2024-12-30 00:00:00", "2025-01-05 23:59:59", 0},
    {"UTC", Period::Week, "2025-01-05 23:59:59", "2025-01-06 00:00:00", 1},
    {"Europe/Berlin", Period::Week, "2025-01-05 22:59:59", "2025-01-05 23:00:00", 1},
    {"UTC", Period::Month, "2024-02-01 00:00:00", "2024-02-29 23:59:59", 0},
    {"UTC", Period::Month, "2024-12-31 23:59:59", "2025-01-01 00:00:00", 1},
    {"Asia/Kathmandu", Period::Month, "2024-12-31 18:14:59", "2024-12-31 18:15:00", 1},
    {"UTC", Period::Total, "2024-01-01 00:00:00", "2034-01-01 00:00:00", 0},
};

void windows_begin_where_the_zone_says(void**) {
  for (const Pair& pair : kPairs) {
    const TestZone zone(pair.zone);
    const std::uint32_t windows =
        window_of(ms_of(pair.later), pair.period, zone.get()) - window_of(ms_of(pair.earlier), pair.period, zone.get());
    if (windows != pair.windows_between) {
      fail_msg("%s, period %d, from %s to %s: %u", pair.zone, static_cast<int>(pair.period), pair.earlier, pair.later,
               windows);
    }
  }
}

void windows_never_go_back_and_none_is_longer_than_it_may_be(void**) {
  for (const char* name :
       {"Europe/Berlin", "Asia/Almaty", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"}) {
    const TestZone zone(name);
    for (const Period period : {Period::Hour, Period::Day, Period::Week, Period::Month}) {
      std::uint32_t last = window_of(ms_of("2024-01-01 00:00:00"), period, zone.get());
      for (std::uint64_t now = ms_of("2024-01-01 00:00:00"); now < ms_of("2025-02-01 00:00:00"); now += 900'000) {
        const std::uint32_t window = window_of(now, period, zone.get());
        assert_true(window == last || window == last + 1);
        last = window;
      }
    }
  }
}

void total_is_window_0(void**) {
  assert_int_equal(window_of(ms_of("2024-01-01 00:00:00"), Period::Total, nullptr), 0);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(windows_begin_where_the_zone_says),
      cmocka_unit_test(windows_never_go_back_and_none_is_longer_than_it_may_be),
      cmocka_unit_test(total_is_window_0),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
