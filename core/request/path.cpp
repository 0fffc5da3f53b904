#include "core/request/path.h"

namespace tributary {

std::string_view path_behind(std::string_view path, std::string_view prefix) noexcept {
  if (!path.starts_with(prefix)) prefix = {};
  path.remove_prefix(prefix.size());
  if (path.starts_with('/')) {
    path.remove_prefix(1);
    return path;
  }
  return prefix.ends_with('/') ? path : std::string_view{};
}

std::string_view take_segment(std::string_view& path) noexcept {
  const std::size_t slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return segment;
}

}  // namespace tributary
