#include "core/journal/lock_probe.h"

#include <fcntl.h>
#include <sys/file.h>

#include "core/base/fd.h"

namespace tributary {

bool is_locked(const std::string& path) noexcept {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  return fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0;
}

}  // namespace tributary
