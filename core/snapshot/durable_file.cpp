#include "core/snapshot/durable_file.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/base/fd.h"

namespace tributary {
namespace {

std::string problem(const std::string& path) {
  return path + ": " + std::strerror(errno);
}

std::string no_room(const std::string& path, off_t needed, int fd) {
  struct statvfs room {};
  const auto free = ::fstatvfs(fd, &room) == 0 ? room.f_bavail * room.f_frsize : 0;
  return path + ": needs " + std::to_string(needed) + " bytes, " + std::to_string(free) + " are free";
}

std::string copy_bytes(int in, int out, off_t size, const std::string& to) {
  off_t done = 0;
  while (done < size) {
    const ssize_t moved = ::sendfile(out, in, &done, static_cast<std::size_t>(size - done));
    if (moved < 0 && errno == EINTR) {
      continue;
    }
    if (moved < 0) {
      return problem(to);
    }
    if (moved == 0) {
      return to + ": the source became shorter while it was copied";
    }
  }
  return {};
}

std::string sync(const std::string& path, int flags) {
  const Fd fd(::open(path.c_str(), flags | O_CLOEXEC));
  return fd.valid() && ::fsync(fd.get()) == 0 ? std::string() : problem(path);
}

}  // namespace

std::string copy_file(const std::string& from, const std::string& to) {
  const Fd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  return in.valid() ? copy_file(in.get(), to) : problem(from);
}

std::string copy_file(int from, const std::string& to) {
  struct stat status {};
  if (::fstat(from, &status) != 0) {
    return problem("what is copied to " + to);
  }
  if (!S_ISREG(status.st_mode)) {
    return "what is copied to " + to + " is not a file";
  }
  const Fd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!out.valid() || ::fchmod(out.get(), 0600) != 0) {
    return problem(to);
  }
  if (status.st_size > 0 && ::fallocate(out.get(), 0, 0, status.st_size) != 0 && errno == ENOSPC) {
    return no_room(to, status.st_size, out.get());
  }
  return copy_bytes(from, out.get(), status.st_size, to);
}

std::string sync_file(const std::string& path) {
  return sync(path, O_RDONLY);
}
std::string sync_directory(const std::string& path) {
  return sync(path, O_RDONLY | O_DIRECTORY);
}

std::string rename_file(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 ? std::string() : problem(to);
}

std::string make_directory(const std::string& path) {
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST ? std::string() : problem(path);
}

}  // namespace tributary
