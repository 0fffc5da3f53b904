#include "core/time_zone/local_time.h"

#include <cstdio>

#include "core/time_zone/test_zone.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using testing::TestZone;

// "2024-03-31 02:00:00" as seconds on some clock.
std::int64_t seconds_of(std::string_view text) {
  return *parse_day(text.substr(0, 10)) * kSecondsPerDay + *parse_clock(text.substr(11));
}

struct Instant {
  const char* zone;
  const char* utc;
  const char* local;
};

const Instant kInstants[] = {
    // The clocks go on an hour: 02:00 to 03:00 does not exist.
    {"Europe/Berlin", "2024-03-31 00:59:59", "2024-03-31 01:59:59"},
    {"Europe/Berlin", "2024-03-31 01:00:00", "2024-03-31 03:00:00"},
    // They go back: 02:00 to 03:00 is there twice.
    {"Europe/Berlin", "2024-10-27 00:30:00", "2024-10-27 02:30:00"},
    {"Europe/Berlin", "2024-10-27 00:59:59", "2024-10-27 02:59:59"},
    {"Europe/Berlin", "2024-10-27 01:00:00", "2024-10-27 02:00:00"},
    {"Europe/Berlin", "2024-10-27 01:30:00", "2024-10-27 02:30:00"},
    {"Europe/Berlin", "2034-07-01 12:00:00", "2034-07-01 14:00:00"},
    {"Europe/Berlin", "2034-12-01 12:00:00", "2034-12-01 13:00:00"},
    // Kazakhstan has one zone since 1 March 2024.
    {"Asia/Almaty", "2024-02-29 17:59:59", "2024-02-29 23:59:59"},
    {"Asia/Almaty", "2024-02-29 18:00:00", "2024-02-29 23:00:00"},
    {"Asia/Almaty", "2024-02-29 19:00:00", "2024-03-01 00:00:00"},
    {"Asia/Almaty", "2030-07-01 00:00:00", "2030-07-01 05:00:00"},
    // Half an hour beside the hour, with summer time.
    {"America/St_Johns", "2024-01-15 12:00:00", "2024-01-15 08:30:00"},
    {"America/St_Johns", "2024-03-10 05:29:59", "2024-03-10 01:59:59"},
    {"America/St_Johns", "2024-03-10 05:30:00", "2024-03-10 03:00:00"},
    {"America/St_Johns", "2024-11-03 04:30:00", "2024-11-03 01:00:00"},
    // Summer time of half an hour, in the other half of the year.
    {"Australia/Lord_Howe", "2024-04-06 14:59:59", "2024-04-07 01:59:59"},
    {"Australia/Lord_Howe", "2024-04-06 15:00:00", "2024-04-07 01:30:00"},
    {"Australia/Lord_Howe", "2024-10-05 15:29:59", "2024-10-06 01:59:59"},
    {"Australia/Lord_Howe", "2024-10-05 15:30:00", "2024-10-06 02:30:00"},
    {"Asia/Kathmandu", "2024-12-31 18:14:59", "2024-12-31 23:59:59"},
    {"Asia/Kathmandu", "2024-12-31 18:15:00", "2025-01-01 00:00:00"},
    {"UTC", "2024-06-01 00:00:00", "2024-06-01 00:00:00"},
};

void the_clock_on_the_wall_shows_gaps_and_repeats_as_the_zone_has_them(void**) {
  for (const Instant& instant : kInstants) {
    const TestZone zone(instant.zone);
    const std::int64_t local =
        local_time(zone.get(), static_cast<std::uint64_t>(seconds_of(instant.utc)) * 1000 + 999).seconds;
    if (local != seconds_of(instant.local)) {
      fail_msg("%s at %s: %lld s off", instant.zone, instant.utc,
               static_cast<long long>(local - seconds_of(instant.local)));
    }
  }
}

void before_the_first_and_after_the_last_known_change_the_nearest_offset_holds(void**) {
  const TestZone zone("Europe/Berlin");
  assert_int_equal(offset_at(zone.get(), seconds_of("1990-07-01 00:00:00")), 3600);
  assert_int_equal(offset_at(zone.get(), seconds_of("2200-07-01 00:00:00")), 3600);
}

void without_a_zone_it_is_utc(void**) {
  assert_int_equal(local_time(nullptr, 1'700'000'000'123).seconds, 1'700'000'000);
}

void every_instant_of_a_year_agrees_with_the_database(void**) {
  const TestZone zone("America/St_Johns");
  const auto offsets = *zone_offsets("America/St_Johns", testing::kZoneFrom_s, testing::kZoneUntil_s);
  std::size_t at = 0;
  for (std::int64_t now = seconds_of("2024-01-01 00:00:00"); now < seconds_of("2025-01-01 00:00:00"); now += 599) {
    while (at + 1 < offsets.size() && offsets[at + 1].since_s <= now) {
      ++at;
    }
    assert_int_equal(offset_at(zone.get(), now), offsets[at].offset_s);
  }
}

void unknown_zones_are_told(void**) {
  for (const char* name : {"", "Mars/Base", "../../etc/passwd", "europe/berlin", "Europe/Berlin ", "localtime",
                           "posixrules", "Factory", "posix/Europe/Berlin", "right/Europe/Berlin"}) {
    assert_false(zone_exists(name));
    assert_false(zone_offsets(name, testing::kZoneFrom_s, testing::kZoneUntil_s).has_value());
  }
}

void days_and_clocks_are_read_strictly(void**) {
  assert_int_equal(*parse_day("1970-01-01"), 0);
  assert_int_equal(*parse_day("2024-02-29"), 19'782);
  assert_text(day_text(19'782), "2024-02-29");
  for (const char* text : {"", "2023-02-29", "2024-13-01", "2024-00-01", "1969-12-31", "2024-1-01", "2024/01/01",
                           "2024-01-0a", "-024-01-01", "2024-01-011"}) {
    assert_false(parse_day(text).has_value());
  }
  assert_int_equal(*parse_clock("00:00"), 0);
  assert_int_equal(*parse_clock("23:59:59"), 86'399);
  assert_int_equal(*parse_clock("24:00"), 86'400);
  for (const char* text : {"", "24:01", "12:60", "12:00:60", "1:00", "12-00", "12:0", "ab:cd", "99:99"}) {
    assert_false(parse_clock(text).has_value());
  }
}

void weekdays_begin_with_monday(void**) {
  assert_int_equal(weekday_of(0), 3);
  assert_text(weekday_name(3), "thu");
  assert_int_equal(weekday_of(4), 0);
  assert_int_equal(weekday_of(-1), 2);
  assert_int_equal(weekday_of(*parse_day("2026-11-22")), 6);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_clock_on_the_wall_shows_gaps_and_repeats_as_the_zone_has_them),
      cmocka_unit_test(before_the_first_and_after_the_last_known_change_the_nearest_offset_holds),
      cmocka_unit_test(without_a_zone_it_is_utc),
      cmocka_unit_test(every_instant_of_a_year_agrees_with_the_database),
      cmocka_unit_test(unknown_zones_are_told),
      cmocka_unit_test(days_and_clocks_are_read_strictly),
      cmocka_unit_test(weekdays_begin_with_monday),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
