#include "t/tools/load/response_parser.h"

#include <charconv>

namespace tributary::load {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

}  // namespace

void ResponseParser::reset() noexcept {
  bytes_.clear();
  head_length_ = body_length_ = 0;
  has_length_ = close_ = complete_ = false;
  status_ = 0;
}

bool ResponseParser::feed(std::string_view bytes) {
  bytes_.append(bytes);
  if (head_length_ == 0) {
    const auto end = bytes_.find("\r\n\r\n");
    if (end == std::string::npos) return bytes_.size() < 64 * 1024;
    head_length_ = end + 4;
    if (!parse_head()) return false;
  }
  if (has_length_ && bytes_.size() >= head_length_ + body_length_) complete_ = true;
  return true;
}

void ResponseParser::finish() noexcept {
  if (head_length_ != 0 && !has_length_) complete_ = true;
}

bool ResponseParser::parse_head() {
  if (bytes_.size() < 12 || !bytes_.starts_with("HTTP/1.")) return false;
  const auto parsed = std::from_chars(bytes_.data() + 9, bytes_.data() + 12, status_);
  if (parsed.ec != std::errc{}) return false;
  const auto length = header("content-length");
  has_length_ = !length.empty() || status_ == 204 || status_ == 304;
  std::from_chars(length.data(), length.data() + length.size(), body_length_);
  close_ = equals_ignoring_case(header("connection"), "close");
  return true;
}

std::string_view ResponseParser::header(std::string_view lower_case_name) const noexcept {
  std::string_view head(bytes_.data(), head_length_);
  for (auto line = head.find("\r\n"); line + 2 < head.size(); line = head.find("\r\n", line + 2)) {
    const auto rest = head.substr(line + 2);
    const auto colon = rest.find(':');
    const auto end = rest.find("\r\n");
    if (end == std::string_view::npos || colon == std::string_view::npos || colon > end) continue;
    if (!equals_ignoring_case(rest.substr(0, colon), lower_case_name)) continue;
    const auto start = rest.find_first_not_of(' ', colon + 1);
    return rest.substr(start, end - start);
  }
  return {};
}

std::string_view ResponseParser::body() const noexcept {
  return std::string_view(bytes_).substr(head_length_);
}

}  // namespace tributary::load
