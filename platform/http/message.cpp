#include "platform/http/message.h"

#include <charconv>

namespace tributary::http {

std::string_view Request::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

Response& Response::set(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

Response text_response(int status, std::string body, std::string content_type) {
  Response response{status, {}, std::move(body)};
  response.set("Content-Type", std::move(content_type));
  return response;
}

Response json_response(int status, std::string body) {
  return text_response(status, std::move(body), "application/json");
}

bool percent_decode(std::string_view text, std::string& out, bool plus_is_space) {
  out.clear();
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) {
      c = ' ';
    } else if (c == '%') {
      unsigned value = 0;
      const char* digits = text.data() + i + 1;
      if (i + 2 >= text.size()) return false;
      if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return false;
      c = static_cast<char>(value);
      i += 2;
    }
    if (c == '\0') return false;
    out.push_back(c);
  }
  return true;
}

bool parse_query(std::string_view query, std::size_t max_count, std::vector<std::pair<std::string, std::string>>& out) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (item.empty()) continue;
    if (out.size() == max_count) return false;
    const auto equals = item.find('=');
    auto& [name, value] = out.emplace_back();
    if (!percent_decode(item.substr(0, equals), name, true)) return false;
    if (equals != std::string_view::npos && !percent_decode(item.substr(equals + 1), value, true)) return false;
  }
  return true;
}

}  // namespace tributary::http
