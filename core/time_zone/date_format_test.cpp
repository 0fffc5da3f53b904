#include "core/time_zone/date_format.h"

#include <array>

#include "core/time_zone/test_zone.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using testing::TestZone;

constexpr std::uint64_t kSunday_ms = 1'711'846'799'000;  // 2024-03-31 00:59:59 UTC, a second before summer in Europe

std::string_view formatted(std::string_view format, const fbs::Zone* zone, std::uint64_t now_ms) {
  static std::array<char, kMaxDateText> out;
  return format_date(format, zone, now_ms, out);
}

void letters_mean_what_they_mean_in_php(void**) {
  assert_text(formatted("Y-m-d H:i:s", nullptr, kSunday_ms), "2024-03-31 00:59:59");
  assert_text(formatted("y n j G g h A a", nullptr, kSunday_ms), "24 3 31 0 12 12 AM am");
  assert_text(formatted("D l N w M F", nullptr, kSunday_ms), "Sun Sunday 7 0 Mar March");
  assert_text(formatted("U", nullptr, kSunday_ms), "1711846799");
  assert_text(formatted("Y.m.d", nullptr, 0), "1970.01.01");
}

void the_zone_has_its_summer(void**) {
  const TestZone kyiv("Europe/Kyiv");
  assert_text(formatted("Y-m-d H:i:s", kyiv.get(), kSunday_ms), "2024-03-31 02:59:59");
  assert_text(formatted("Y-m-d H:i:s", kyiv.get(), kSunday_ms + 1000), "2024-03-31 04:00:00");
  const TestZone honolulu("Pacific/Honolulu");
  assert_text(formatted("Y-m-d g A", honolulu.get(), kSunday_ms), "2024-03-30 2 PM");
}

void other_letters_are_named(void**) {
  assert_int_equal(unknown_date_letter("Y-m-d\\TH:i"), 'T');
  assert_int_equal(unknown_date_letter("Y/m/d, H 12:30"), 0);
}

void the_longest_format_fits_and_a_small_buffer_cuts(void**) {
  const std::string longest(kMaxDateFormat, 'U');
  assert_int_equal(formatted(longest, nullptr, UINT64_MAX / 2).size(), kMaxDateFormat * 16);
  std::array<char, 3> small;
  assert_text(format_date("Y-m-d", nullptr, kSunday_ms, small), "202");
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(letters_mean_what_they_mean_in_php),
      cmocka_unit_test(the_zone_has_its_summer),
      cmocka_unit_test(other_letters_are_named),
      cmocka_unit_test(the_longest_format_fits_and_a_small_buffer_cuts),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
