#include "core/request/query.h"

#include <cstring>

#include "core/base/ascii.h"

namespace tributary {
namespace {

// From `position`: where the name ends ('=' or '&' or the end).
std::size_t end_of_name(std::string_view query, std::size_t position) noexcept {
  while (position < query.size() && query[position] != '=' && query[position] != '&') {
    ++position;
  }
  return position;
}

std::size_t end_of_value(std::string_view query, std::size_t position) noexcept {
  const std::size_t end = query.find('&', position);
  return end == std::string_view::npos ? query.size() : end;
}

bool is_escape(std::string_view text, std::size_t at) noexcept {
  return text.size() - at > 2 && ascii::hex_value(text[at + 1]) >= 0 && ascii::hex_value(text[at + 2]) >= 0;
}

// Where the first '+' or '%' stands.
std::size_t plain_prefix(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size() && text[i] != '%' && text[i] != '+') {
    ++i;
  }
  return i;
}

}  // namespace

std::size_t parse_query(std::string_view query, std::span<QueryParameter> out, bool& truncated) noexcept {
  std::size_t count = 0;
  std::size_t position = 0;
  while (position < query.size()) {
    const std::size_t name_end = end_of_name(query, position);
    const std::string_view name = query.substr(position, name_end - position);
    const bool has_value = name_end < query.size() && query[name_end] == '=';
    const std::size_t value_end = has_value ? end_of_value(query, name_end + 1) : name_end;
    position = value_end + 1;
    if (name.empty()) {
      continue;
    }
    if (count == out.size()) {
      truncated = true;
      break;
    }
    out[count++] = {name, has_value ? query.substr(name_end + 1, value_end - name_end - 1) : std::string_view{}, false};
  }
  return count;
}

std::string_view decode_component(std::string_view value, std::span<char> buffer) noexcept {
  const std::size_t plain = plain_prefix(value);
  if (plain == value.size()) {
    return value;
  }
  std::size_t length = 0;
  std::size_t i = 0;
  while (i < value.size() && length < buffer.size()) {
    char c = value[i];
    if (c == '%' && is_escape(value, i)) {
      c = static_cast<char>(ascii::hex_value(value[i + 1]) << 4 | ascii::hex_value(value[i + 2]));
      i += 2;
    } else if (c == '+') {
      c = ' ';
    }
    buffer[length++] = c;
    ++i;
  }
  return {buffer.data(), length};
}

}  // namespace tributary
