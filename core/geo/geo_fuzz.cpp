#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "core/base/fd.h"
#include "core/geo/geo_file.h"

using namespace tributary;

// libmaxminddb before 1.12 forgets a few kilobytes of a file whose metadata is damaged.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier): the sanitizer's name
  return "leak:libmaxminddb";
}

// A file of any bytes is refused or answers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Fd fd(memfd_create("fuzz", MFD_CLOEXEC));
  if (!fd.valid() || write(fd.get(), data, size) != static_cast<ssize_t>(size)) {
    return 0;
  }
  const auto file = GeoFile::open(fd.get());
  if (!file) {
    if (file.error().text.empty()) {
      std::abort();
    }
    return 0;
  }
  for (unsigned i = 0; i < 64; ++i) {
    const auto byte = static_cast<std::uint8_t>(i * 4);
    Place place;
    (*file)->find(std::array{byte, std::uint8_t{0}, std::uint8_t{2}, std::uint8_t{1}}, place);
    const std::array<std::uint8_t, 16> v6 = {0x20, 0x01, 0x0d, 0xb8, byte};
    (*file)->find(v6, place);
    if (place.country.size() != 0 && place.country.size() != 2) {
      std::abort();
    }
  }
  return 0;
}
