#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tributary {

inline constexpr std::size_t kMaxAskedHeaders = 2048;     // bytes of all of them, with their names
inline constexpr std::size_t kMaxAskedHeaderValue = 512;  // bytes of one value

// The headers that conditions have asked for, as an event carries them: a line "name: value" for each, names in lower
// case, in the order of asking. A header that was not sent has no line.
class AskedHeaders {
 public:
  AskedHeaders() noexcept {}  // leaves the buffer as it is: a click of which no header is asked touches nothing

  // Notes it once. False when the value was cut, or left out because there is no room.
  bool note(std::string_view lower_case_name, std::string_view value) noexcept;

  // Lives as long as this.
  std::string_view text() const noexcept { return {buffer_.data(), length_}; }

 private:
  std::array<char, kMaxAskedHeaders> buffer_;
  std::size_t length_ = 0;
};

// What an event carries of that header; empty when nothing.
std::string_view asked_header(std::string_view headers, std::string_view lower_case_name) noexcept;

}  // namespace tributary
