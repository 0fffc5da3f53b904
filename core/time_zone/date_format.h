#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tributary::fbs {
struct Zone;
}

namespace tributary {

inline constexpr std::size_t kMaxDateFormat = 32;                 // bytes of a format
inline constexpr std::size_t kMaxDateText = kMaxDateFormat * 20;  // what one can become

// The first letter of the format that stands for nothing; 0 when there is none. Letters mean what they mean in PHP:
// Y y (year) m n M F (month) d j D l N w (day) H G h g A a (hour) i (minute) s (second) U (seconds since 1970). All
// that is no letter is text.
char unknown_date_letter(std::string_view format) noexcept;

// A moment on the clock of a zone; nullptr is UTC. Names are English. What does not fit into `out` is cut off.
std::string_view format_date(std::string_view format, const fbs::Zone* zone, std::uint64_t now_ms,
                             std::span<char> out) noexcept;

}  // namespace tributary
