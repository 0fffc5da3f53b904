#include <cstdint>
#include <cstdlib>

#include "core/state/overlay.h"

// Hostile bytes as an overlay: refused, or exactly what building it again says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tributary;
  const auto read = read_overlay({data, size});
  if (!read) {
    return 0;
  }
  const auto built = build_overlay(*read);
  if (!built || !(*read_overlay(*built) == *read)) {
    std::abort();
  }
  return 0;
}
