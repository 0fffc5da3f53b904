#pragma once

#include <fcntl.h>

#include <cstdio>

namespace tributary {

// An exclusive lock of the open file description (fcntl F_OFD_SETLK): it lives and dies like one of flock, but can be
// looked at without taking it. False with errno EAGAIN when another has it.
inline bool lock_description(int fd) noexcept {
  struct flock request {};
  request.l_type = F_WRLCK;
  request.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &request) == 0;
}

inline bool is_locked_by_another(int fd) noexcept {
  struct flock request {};
  request.l_type = F_RDLCK;
  request.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_GETLK, &request) == 0 && request.l_type != F_UNLCK;
}

}  // namespace tributary
