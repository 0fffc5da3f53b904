#include "ngx_module/text/click_call_answer.h"

#include <chrono>
#include <cstdio>

#include "ngx_module/text/json.h"

namespace tributary {

std::string utc_text(std::uint64_t time_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(static_cast<std::int64_t>(time_ms))};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[48];
  const int length =
      std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text, static_cast<std::size_t>(length)};
}

std::string click_tracked_answer(std::uint32_t affiliate, std::uint32_t campaign, std::string_view click_id,
                                 std::uint64_t time_ms) {
  JsonWriter json;
  json.begin_object().boolean("success", true).text("message", "Click tracked successfully");
  json.key("data").begin_object().text("click_id", click_id);
  json.number("affiliate_id", affiliate).number("campaign_id", campaign).text("timestamp", utc_text(time_ms));
  return json.end_object().end_object().take();
}

std::string click_refused_answer(std::string_view message) {
  JsonWriter json;
  json.begin_object().boolean("success", false).text("status", "error").text("message", message);
  return json.end_object().take();
}

}  // namespace tributary
