#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <string>

namespace tributary {

// Enough of a file to notice that it was replaced or changed. Two paths without a file are equal when the reason is.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec changed{};
  int error = 0;  // errno where there is no file

  static FileIdentity of(const std::string& path) noexcept {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
      FileIdentity none;
      none.error = errno;
      return none;
    }
    return {status.st_dev, status.st_ino, status.st_size, status.st_mtim, 0};
  }

  friend bool operator==(const FileIdentity& a, const FileIdentity& b) noexcept {
    return a.device == b.device && a.inode == b.inode && a.size == b.size && a.changed.tv_sec == b.changed.tv_sec &&
           a.changed.tv_nsec == b.changed.tv_nsec && a.error == b.error;
  }
};

}  // namespace tributary
