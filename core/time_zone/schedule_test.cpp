#include "core/time_zone/schedule.h"

#include "core/time_zone/local_time.h"
#include "core/time_zone/test_zone.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

struct Hours {
  const char* zone = "UTC";
  std::uint8_t weekdays = 0x7f;
  const char* opens = "00:00";
  const char* closes = "24:00";
  const char* first_day = "1970-01-01";
  const char* last_day = "9999-12-31";
};

std::uint64_t ms_of(std::string_view utc) {
  return static_cast<std::uint64_t>(*parse_day(utc.substr(0, 10)) * kSecondsPerDay + *parse_clock(utc.substr(11))) *
         1000;
}

flatbuffers::Offset<fbs::Schedule> write(flatbuffers::FlatBufferBuilder& out, const Hours& hours) {
  return fbs::CreateSchedule(out, testing::write_zone(out, hours.zone), hours.weekdays, *parse_clock(hours.opens),
                             *parse_clock(hours.closes), static_cast<std::int32_t>(*parse_day(hours.first_day)),
                             static_cast<std::int32_t>(*parse_day(hours.last_day)));
}

bool open_at(const Hours& hours, std::string_view utc) {
  flatbuffers::FlatBufferBuilder out;
  out.Finish(write(out, hours));
  return is_open(*flatbuffers::GetRoot<fbs::Schedule>(out.GetBufferPointer()), ms_of(utc));
}

void opens_at_the_opening_and_closes_at_the_closing(void**) {
  const Hours office{.opens = "09:00", .closes = "18:00"};
  assert_false(open_at(office, "2024-05-01 08:59:59"));
  assert_true(open_at(office, "2024-05-01 09:00:00"));
  assert_true(open_at(office, "2024-05-01 17:59:59"));
  assert_false(open_at(office, "2024-05-01 18:00:00"));
}

void the_hours_are_those_of_the_zone(void**) {
  const Hours office{.zone = "Asia/Kathmandu", .opens = "09:00", .closes = "18:00"};
  assert_false(open_at(office, "2024-05-01 03:14:59"));
  assert_true(open_at(office, "2024-05-01 03:15:00"));
}

void a_night_belongs_to_the_day_it_begins_on(void**) {
  const Hours friday_night{.weekdays = 1 << 4, .opens = "22:00", .closes = "04:00"};
  assert_false(open_at(friday_night, "2024-05-03 03:00:00"));  // the night from Thursday
  assert_false(open_at(friday_night, "2024-05-03 21:59:59"));
  assert_true(open_at(friday_night, "2024-05-03 22:00:00"));
  assert_true(open_at(friday_night, "2024-05-04 03:59:59"));
  assert_false(open_at(friday_night, "2024-05-04 04:00:00"));
  assert_false(open_at(friday_night, "2024-05-04 22:00:00"));
}

void first_and_last_day_are_included_and_the_last_night_ends_on_the_morning_after(void**) {
  const Hours days{.first_day = "2024-05-01", .last_day = "2024-05-02"};
  assert_false(open_at(days, "2024-04-30 23:59:59"));
  assert_true(open_at(days, "2024-05-01 00:00:00"));
  assert_true(open_at(days, "2024-05-02 23:59:59"));
  assert_false(open_at(days, "2024-05-03 00:00:00"));
  const Hours nights{.opens = "22:00", .closes = "04:00", .first_day = "2024-05-01", .last_day = "2024-05-02"};
  assert_false(open_at(nights, "2024-05-01 01:00:00"));
  assert_true(open_at(nights, "2024-05-03 01:00:00"));
  assert_false(open_at(nights, "2024-05-03 22:00:00"));
}

void equal_opening_and_closing_are_24_hours(void**) {
  const Hours from_six{.weekdays = 1 << 0, .opens = "06:00", .closes = "06:00"};  // Mondays
  assert_false(open_at(from_six, "2024-05-06 05:59:59"));
  assert_true(open_at(from_six, "2024-05-06 06:00:00"));
  assert_true(open_at(from_six, "2024-05-07 05:59:59"));
  assert_false(open_at(from_six, "2024-05-07 06:00:00"));
}

void hours_inside_a_gap_never_come_and_repeated_hours_come_twice(void**) {
  const Hours gap{.zone = "Europe/Berlin", .opens = "02:00", .closes = "03:00"};
  assert_false(open_at(gap, "2024-03-31 00:59:59"));
  assert_false(open_at(gap, "2024-03-31 01:00:00"));
  assert_true(open_at(gap, "2024-10-27 00:30:00"));
  assert_true(open_at(gap, "2024-10-27 01:30:00"));
  assert_false(open_at(gap, "2024-10-27 02:00:00"));
}

void any_of_several_is_enough_and_none_is_always(void**) {
  flatbuffers::FlatBufferBuilder out;
  const auto morning = write(out, {.opens = "06:00", .closes = "08:00"});
  const auto evening = write(out, {.opens = "20:00", .closes = "22:00"});
  const std::vector both = {morning, evening};
  const auto schedules = out.CreateVector(both);
  fbs::DestinationBuilder destination(out);
  destination.add_schedules(schedules);
  out.Finish(flatbuffers::Offset<fbs::Destination>(destination.fbb_.EndTable(destination.start_)));
  const auto* list = flatbuffers::GetRoot<fbs::Destination>(out.GetBufferPointer())->schedules();
  assert_true(is_open(list, ms_of("2024-05-01 07:00:00")));
  assert_true(is_open(list, ms_of("2024-05-01 21:00:00")));
  assert_false(is_open(list, ms_of("2024-05-01 12:00:00")));
  assert_true(is_open(nullptr, ms_of("2024-05-01 12:00:00")));
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(opens_at_the_opening_and_closes_at_the_closing),
      cmocka_unit_test(the_hours_are_those_of_the_zone),
      cmocka_unit_test(a_night_belongs_to_the_day_it_begins_on),
      cmocka_unit_test(first_and_last_day_are_included_and_the_last_night_ends_on_the_morning_after),
      cmocka_unit_test(equal_opening_and_closing_are_24_hours),
      cmocka_unit_test(hours_inside_a_gap_never_come_and_repeated_hours_come_twice),
      cmocka_unit_test(any_of_several_is_enough_and_none_is_always),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
