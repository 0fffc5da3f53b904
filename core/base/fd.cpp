#include "core/base/fd.h"

#include <cerrno>

namespace tributary {

void Fd::reset(int fd) noexcept {
  if (fd_ >= 0) {
    int saved = errno;
    ::close(fd_);
    errno = saved;
  }
  fd_ = fd;
}

}  // namespace tributary
