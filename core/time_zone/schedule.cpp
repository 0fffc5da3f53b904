#include "core/time_zone/schedule.h"

#include <algorithm>

#include "core/time_zone/local_time.h"

namespace tributary {
namespace {

bool opens_on(const fbs::Schedule& schedule, std::int64_t day) noexcept {
  return (schedule.weekdays() >> weekday_of(day) & 1) != 0 && schedule.first_day() <= day && day <= schedule.last_day();
}

}  // namespace

bool is_open(const fbs::Schedule& schedule, std::uint64_t now_ms) noexcept {
  const LocalTime now = local_time(schedule.zone(), now_ms);
  const std::uint32_t second = now.second_of_day();
  const bool over_midnight = schedule.closes_s() <= schedule.opens_s();
  const bool opened_today =
      second >= schedule.opens_s() && (over_midnight || second < schedule.closes_s()) && opens_on(schedule, now.day());
  return opened_today || (over_midnight && second < schedule.closes_s() && opens_on(schedule, now.day() - 1));
}

bool is_open(const Schedules* schedules, std::uint64_t now_ms) noexcept {
  return schedules == nullptr || schedules->size() == 0 ||
         std::any_of(schedules->begin(), schedules->end(),
                     [&](const fbs::Schedule* schedule) { return is_open(*schedule, now_ms); });
}

}  // namespace tributary
