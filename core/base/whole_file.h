#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace tributary {

// The content of a small file, byte for byte; nothing when it cannot be read. Not for hot paths.
inline std::optional<std::string> read_whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return std::nullopt;
  return content;
}

}  // namespace tributary
