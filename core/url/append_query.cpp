#include "core/url/append_query.h"

#include <algorithm>

namespace tributary {
namespace {

// What stands between the URL and what is added; none: nothing does.
std::string_view divider(std::string_view url) noexcept {
  if (url.find('?') == std::string_view::npos) {
    return "?";
  }
  return url.back() == '?' || url.back() == '&' ? "" : "&";
}

}  // namespace

std::size_t append_query(std::span<char> buffer, std::size_t length, std::string_view parameters) noexcept {
  const std::string_view url(buffer.data(), length);
  const std::size_t end = std::min(url.find('#'), length);
  const std::string_view between = divider(url.substr(0, end));
  const std::size_t added = between.size() + parameters.size();
  if (added > buffer.size() - length) {
    return 0;
  }
  char* gap = buffer.data() + end;
  std::copy_backward(gap, buffer.data() + length, buffer.data() + length + added);
  std::copy(parameters.begin(), parameters.end(), std::copy(between.begin(), between.end(), gap));
  return length + added;
}

}  // namespace tributary
