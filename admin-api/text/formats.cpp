#include "admin-api/text/formats.h"

#include <algorithm>

namespace tributary::admin {
namespace {

bool digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool hex(char c) noexcept {
  return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// 'd' stands for a digit, 'x' for a hexadecimal one, anything else for itself.
bool has_shape(std::string_view text, std::string_view shape) noexcept {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool right = shape[i] == 'd' ? digit(text[i]) : shape[i] == 'x' ? hex(text[i]) : text[i] == shape[i];
    if (!right) return false;
  }
  return true;
}

}  // namespace

bool is_uuid(std::string_view text) noexcept {
  return has_shape(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
}

bool is_date(std::string_view text) noexcept {
  return has_shape(text, "dddd-dd-dd");
}

bool is_timestamp(std::string_view text) noexcept {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (!has_shape(text.substr(0, kShape.size()), kShape)) return false;
  text.remove_prefix(kShape.size());
  if (text.starts_with('.')) {
    const auto end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end < 2 || end > 7) return false;
    text.remove_prefix(end);
  }
  return text == "Z" || has_shape(text, "+dd:dd") || has_shape(text, "-dd:dd");
}

bool is_number(std::string_view text, std::size_t digits) noexcept {
  return !text.empty() && text.size() <= digits && text.front() != '0' && std::all_of(text.begin(), text.end(), digit);
}

}  // namespace tributary::admin
