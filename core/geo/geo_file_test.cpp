// Files that somebody broke: each is refused or answers, and nothing outside it is read (run under the sanitizers too).
#include "core/geo/geo_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>

#include "core/base/cmocka.h"
#include "core/base/fd.h"

using namespace tributary;

namespace {

constexpr std::string_view kMarker = "\xab\xcd\xefMaxMind.com";

std::string fixture(const std::string& name) {
  std::ifstream file(TRIBUTARY_SOURCE_DIR "/core/geo/fixtures/" + name + ".mmdb", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<std::unique_ptr<const GeoFile>, GeoFileError> open_bytes(const std::string& bytes) {
  const Fd fd(memfd_create("test", MFD_CLOEXEC));
  assert_int_equal(write(fd.get(), bytes.data(), bytes.size()), bytes.size());
  return GeoFile::open(fd.get());
}

void ask_everywhere(const GeoFile& file) {
  for (unsigned first = 0; first < 256; first += 3) {
    Place place;
    file.find(std::array{static_cast<std::uint8_t>(first), std::uint8_t{0}, std::uint8_t{2}, std::uint8_t{1}}, place);
    std::array<std::uint8_t, 16> v6 = {0x20, 0x01, 0x0d, 0xb8, static_cast<std::uint8_t>(first)};
    file.find(v6, place);
  }
}

void a_file_that_is_cut_off_anywhere_is_refused(void**) {
  const std::string whole = fixture("city-nested");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    assert_false(open_bytes(whole.substr(0, size)).ok());
  }
  assert_true(open_bytes(whole).ok());
}

void a_file_with_any_byte_changed_does_no_harm(void**) {
  for (const char* name : {"city-nested", "country-flat", "enterprise"}) {
    const std::string whole = fixture(name);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const char change : {'\x01', '\x20', '\x80', '\xff'}) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ change);
        if (const auto file = open_bytes(bytes)) {
          ask_everywhere(**file);
        }
      }
    }
  }
}

// Maps inside maps, each the only entry of the one around it.
std::string nested_maps(std::size_t depth) {
  std::string bytes;
  for (std::size_t i = 0; i < depth; ++i) {
    bytes += "\xe1\x40";  // a map of one, an empty key
  }
  return bytes + "\xe0";
}

void bottomless_metadata_are_refused(void**) {
  const std::string whole = fixture("country-flat");
  const std::string data = whole.substr(0, whole.rfind(kMarker));
  assert_false(open_bytes(data + std::string(kMarker) + nested_maps(60'000)).ok());
}

void a_bottomless_record_is_unknown(void**) {
  std::string bytes = fixture("country-flat");
  const std::size_t metadata = bytes.rfind(kMarker);
  const std::size_t key = bytes.find("country_code");
  assert_true(key != std::string::npos);
  // The first record's map ends the data from now on: {country_code: {{{...
  bytes = bytes.substr(0, key + 12) + nested_maps(200'000) + bytes.substr(metadata);
  const auto file = open_bytes(bytes);
  assert_false(file.ok());  // none of its records says anything
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_file_that_is_cut_off_anywhere_is_refused),
      cmocka_unit_test(a_file_with_any_byte_changed_does_no_harm),
      cmocka_unit_test(bottomless_metadata_are_refused),
      cmocka_unit_test(a_bottomless_record_is_unknown),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
