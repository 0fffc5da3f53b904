#include "core/geo/geo_data.h"

#include <arpa/inet.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/base/cmocka.h"
#include "core/base/test_directory.h"

using namespace tributary;
namespace fs = std::filesystem;

namespace {

const std::string kFixtures = TRIBUTARY_SOURCE_DIR "/core/geo/fixtures/";

struct Address {
  std::uint8_t bytes[16];
  std::size_t size;
  explicit Address(const char* text) : size(inet_pton(AF_INET, text, bytes) == 1 ? 4 : 16) {
    assert_true(size == 4 || inet_pton(AF_INET6, text, bytes) == 1);
  }
  std::span<const std::uint8_t> view() const { return {bytes, size}; }
};

Place place_of(const GeoData& geo, const char* address) {
  return geo.find(Address(address).view());
}

GeoData opened(std::vector<std::string> names) {
  for (std::string& name : names) {
    name = kFixtures + name + ".mmdb";
  }
  GeoData geo(std::move(names));
  assert_true(geo.refresh());
  assert_text(geo.problems(), "");
  return geo;
}

void expect_place(const Place& place, const Place& wanted) {
  assert_text(place.country, wanted.country);
  assert_text(place.continent, wanted.continent);
  assert_text(place.region, wanted.region);
  assert_text(place.city, wanted.city);
  assert_text(place.isp, wanted.isp);
  assert_text(place.connection, wanted.connection);
  assert_int_equal(place.asn, wanted.asn);
}

struct Layout {
  const char* file;
  const char* address;
  Place place;
};

// proves: C129
void nested_and_flat_records_say_the_same(void**) {
  const Layout layouts[] = {
      {"country-flat", "192.0.2.1", {"DE", "EU", "", "", "", "", 0}},
      {"country-flat", "2001:db8::1", {"JP", "AS", "", "", "", "", 0}},
      {"city-flat", "192.0.2.1", {"DE", "EU", "Bavaria", "Munich", "", "", 0}},
      {"city-nested", "192.0.2.1", {"DE", "EU", "BE", "Berlin", "", "", 0}},
      {"city-nested", "2001:db8:1::1", {"JP", "AS", "13", "Tokyo", "", "", 0}},
      {"asn", "192.0.2.200", {"", "", "", "", "Example Networks", "", 64496}},
      {"asn", "2001:db8::1", {"", "", "", "", "Example Six", "", 4200000000}},
      {"isp", "192.0.2.1", {"", "", "", "", "Example Telecom", "", 64496}},
      {"connection", "192.0.2.1", {"", "", "", "", "", "Cellular", 0}},
      {"enterprise", "192.0.2.1", {"CH", "EU", "", "", "Alpine Cable", "Corporate", 64500}},
      {"ipinfo", "192.0.2.1", {"IT", "EU", "", "", "Example LLC", "", 64501}},
  };
  for (const auto& [file, address, place] : layouts) {
    const GeoData geo = opened({file});
    expect_place(place_of(geo, address), place);
  }
}

void several_files_complete_each_other_and_the_first_wins(void**) {
  const GeoData geo = opened({"country-flat", "city-flat", "city-nested", "asn", "connection"});
  expect_place(place_of(geo, "192.0.2.1"), {"DE", "EU", "Bavaria", "Munich", "Example Networks", "Cellular", 64496});
  expect_place(place_of(geo, "192.0.2.129"), {"US", "NA", "", "", "Example Networks", "Cellular", 64496});
  expect_place(place_of(geo, "203.0.113.9"), {"AU", "OC", "NSW", "Sydney", "", "", 0});
}

void codes_that_are_no_country_are_unknown(void**) {
  const GeoData geo = opened({"country-flat"});
  for (const char* address : {"198.51.100.1", "198.51.100.65", "198.51.100.129"}) {  // ??, EU, A1
    expect_place(place_of(geo, address), {});
  }
  assert_text(place_of(geo, "198.51.100.193").country, "FR");  // written in small letters
}

void what_no_file_holds_is_unknown(void**) {
  const GeoData geo = opened({"country-flat", "city-flat"});
  expect_place(place_of(geo, "10.0.0.1"), {});
  expect_place(place_of(geo, "fe80::1"), {});
  expect_place(geo.find({}), {});
  const std::uint8_t odd[] = {192, 0, 2};
  expect_place(geo.find(odd), {});
}

void an_ipv4_address_inside_ipv6_is_looked_up_as_ipv4(void**) {
  const GeoData geo = opened({"country-flat"});
  assert_text(place_of(geo, "::ffff:192.0.2.1").country, "DE");
  assert_text(place_of(geo, "64:ff9b::192.0.2.1").country, "DE");
}

void metadata_are_shown(void**) {
  const auto files = opened({"city-nested"}).files();
  assert_int_equal(files.size(), 1);
  assert_true(files[0].loaded);
  assert_text(files[0].metadata.type, "GeoLite2-City");
  assert_int_equal(files[0].metadata.build_time, 1767225600);
  assert_int_equal(files[0].fields, kPlaceCountry | kPlaceContinent | kPlaceRegion | kPlaceCity);
}

class Replaceable {
  TestDirectory directory_;

 public:
  const std::string path = directory_.path() + "/geo.mmdb";

  void become(const std::string& fixture) const { write(read(fixture)); }

  // As geoipupdate does: a new file, renamed over the old one.
  void write(const std::string& content) const {
    std::ofstream(path + ".new", std::ios::binary) << content;
    fs::rename(path + ".new", path);
  }

  static std::string read(const std::string& fixture) {
    std::ifstream file(kFixtures + fixture + ".mmdb", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

void a_replaced_file_is_taken_up(void**) {
  const Replaceable file;
  file.become("country-flat");
  GeoData geo({file.path});
  assert_true(geo.refresh());
  assert_false(geo.refresh());
  assert_text(place_of(geo, "203.0.113.1").country, "");
  file.become("city-nested");
  assert_true(geo.refresh());
  assert_text(place_of(geo, "203.0.113.1").country, "AU");
}

void a_bad_file_leaves_the_good_one_in_place_and_is_named(void**) {
  const Replaceable file;
  file.become("country-flat");
  GeoData geo({file.path});
  assert_true(geo.refresh());
  const std::string whole = Replaceable::read("city-nested");
  for (const std::string& bad : {std::string(), whole.substr(0, whole.size() / 2), std::string(5000, 'x')}) {
    file.write(bad);
    assert_true(geo.refresh());
    assert_text(place_of(geo, "192.0.2.1").country, "DE");
    assert_true(geo.files()[0].loaded);
    assert_text(geo.problems(),
                file.path + " is no MaxMind DB file, or is cut off: it has no readable metadata at its end");
    assert_false(geo.refresh());  // it is not tried again before it changes
  }
  fs::remove(file.path);
  assert_true(geo.refresh());
  assert_text(place_of(geo, "192.0.2.1").country, "DE");
  assert_text(geo.problems(), file.path + " cannot be opened: No such file or directory");
  file.become("city-nested");
  assert_true(geo.refresh());
  assert_text(geo.problems(), "");
  assert_text(place_of(geo, "192.0.2.1").city, "Berlin");
}

void a_file_without_places_is_refused(void**) {
  GeoData geo({kFixtures + "no-place.mmdb"});
  assert_true(geo.refresh());
  assert_non_null(strstr(geo.problems().c_str(), "(GeoIP2-Domain) holds nothing of use"));
  GeoData folder({kFixtures});
  assert_true(folder.refresh());
  assert_non_null(strstr(folder.problems().c_str(), "is no regular file"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(nested_and_flat_records_say_the_same),
      cmocka_unit_test(several_files_complete_each_other_and_the_first_wins),
      cmocka_unit_test(codes_that_are_no_country_are_unknown),
      cmocka_unit_test(what_no_file_holds_is_unknown),
      cmocka_unit_test(an_ipv4_address_inside_ipv6_is_looked_up_as_ipv4),
      cmocka_unit_test(metadata_are_shown),
      cmocka_unit_test(a_replaced_file_is_taken_up),
      cmocka_unit_test(a_bad_file_leaves_the_good_one_in_place_and_is_named),
      cmocka_unit_test(a_file_without_places_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
