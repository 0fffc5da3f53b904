#include "core/geo/country.h"

#include <fstream>
#include <string>

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

void every_country_of_iso_3166_has_its_continent(void**) {
  std::ifstream list("/usr/share/zoneinfo/iso3166.tab");  // package tzdata
  std::size_t countries = 0;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::string code = line.substr(0, 2);
    assert_text(find_country(code).code, code);
    assert_text(find_continent(find_country(code).continent), find_country(code).continent);
    ++countries;
  }
  assert_true(countries >= 249);
}

void a_code_is_found_in_any_case(void**) {
  assert_text(find_country("de").code, "DE");
  assert_text(find_country("De").continent, "EU");
  assert_text(find_country("XK").continent, "EU");
}

void what_is_no_country_is_unknown(void**) {
  for (const char* code : {"", "D", "DEU", "??", "EU", "AP", "A1", "A2", "ZZ", "XX", "T1", "\xc3\x84"}) {
    assert_text(find_country(code).code, "");
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_country_of_iso_3166_has_its_continent),
      cmocka_unit_test(a_code_is_found_in_any_case),
      cmocka_unit_test(what_is_no_country_is_unknown),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
