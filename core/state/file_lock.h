#pragma once

#include <cstdint>

namespace tributary {

// An exclusive flock on an open file, released with the holder or, however the process ends, by the kernel. The file
// descriptor must outlive the lock.
class FileLock {
 public:
  static FileLock try_take(int fd) noexcept;                        // at once or not at all
  static FileLock wait(int fd, std::uint32_t timeout_ms) noexcept;  // at most this long; errno is EWOULDBLOCK after

  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  bool held() const noexcept { return fd_ >= 0; }

 private:
  explicit FileLock(int fd) noexcept : fd_(fd) {}
  int fd_;
};

}  // namespace tributary
