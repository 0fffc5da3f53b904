#pragma once

#include <sys/stat.h>

#include <string>

namespace tributary {

// Whether `path` leads to the file that `fd` has open: false once that was removed or another one has its name.
inline bool is_named(int fd, const std::string& path) noexcept {
  struct stat opened {
  }, named{};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

}  // namespace tributary
