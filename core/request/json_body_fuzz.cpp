#include <array>
#include <cstdlib>
#include <vector>

#include "core/request/json_body.h"

using namespace tributary;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> body(data, data + size);
  std::vector<char> memory(size);
  Arena arena{memory};
  std::array<QueryParameter, 8> out;
  const auto nesting = size % 2 == 0 ? JsonNesting::refused : JsonNesting::skipped;
  const auto count = parse_flat_json({body.data(), body.size()}, out, arena, nesting);
  if (!count.ok()) {
    if (count.error().offset > size) {
      std::abort();
    }
    return 0;
  }
  for (std::size_t i = 0; i < *count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (out[i].name == out[j].name) {
        std::abort();
      }
    }
  }
  return 0;
}
