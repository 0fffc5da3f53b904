#include "core/request/lander_path.h"

#include <charconv>

#include "core/request/path.h"

namespace tributary {

LanderPath read_lander_path(std::string_view tail) noexcept {
  constexpr std::size_t kMaxDigits = 4;  // a token is longer
  const std::string_view first = take_segment(tail);
  LanderPath path{0, first};
  if (first.size() > kMaxDigits) {
    return path;
  }
  const char* const end = first.data() + first.size();
  if (std::from_chars(first.data(), end, path.offer).ptr != end) {
    path.offer = 0;
    return path;
  }
  path.token = take_segment(tail);
  return path;
}

}  // namespace tributary
