#include "core/state/file_lock.h"

#include <sys/file.h>
#include <time.h>

#include <cerrno>
#include <utility>

namespace tributary {

FileLock FileLock::try_take(int fd) noexcept {
  return FileLock(::flock(fd, LOCK_EX | LOCK_NB) == 0 ? fd : -1);
}

FileLock FileLock::wait(int fd, std::uint32_t timeout_ms) noexcept {
  constexpr std::uint32_t kStepMs = 5;
  for (std::uint32_t waited = 0;; waited += kStepMs) {
    FileLock lock = try_take(fd);
    if (lock.held() || (errno != EWOULDBLOCK && errno != EINTR) || waited >= timeout_ms) {
      return lock;
    }
    const timespec pause{0, kStepMs * 1'000'000};
    ::nanosleep(&pause, nullptr);
  }
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ >= 0) {
    ::flock(fd_, LOCK_UN);
  }
}

}  // namespace tributary
