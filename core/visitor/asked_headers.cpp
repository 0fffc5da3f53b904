#include "core/visitor/asked_headers.h"

#include <algorithm>

namespace tributary {
namespace {

constexpr std::string_view kBetween = ": ";

}  // namespace

bool AskedHeaders::note(std::string_view lower_case_name, std::string_view value) noexcept {
  if (!asked_header(text(), lower_case_name).empty()) {
    return true;
  }
  // nginx lets no line end into a value; here it would begin another header.
  const std::string_view line = value.substr(0, value.find('\n')).substr(0, kMaxAskedHeaderValue);
  if (lower_case_name.size() + kBetween.size() + line.size() + 1 > buffer_.size() - length_) {
    return false;
  }
  char* end = buffer_.data() + length_;
  for (const std::string_view part : {lower_case_name, kBetween, line}) {
    end = std::copy(part.begin(), part.end(), end);
  }
  *end++ = '\n';
  length_ = static_cast<std::size_t>(end - buffer_.data());
  return line.size() == value.size();
}

std::string_view asked_header(std::string_view headers, std::string_view lower_case_name) noexcept {
  while (!headers.empty()) {
    const std::size_t end = std::min(headers.find('\n'), headers.size());
    const std::string_view line = headers.substr(0, end);
    if (line.starts_with(lower_case_name) && line.substr(lower_case_name.size()).starts_with(kBetween)) {
      return line.substr(lower_case_name.size() + kBetween.size());
    }
    headers.remove_prefix(std::min(end + 1, headers.size()));
  }
  return {};
}

}  // namespace tributary
