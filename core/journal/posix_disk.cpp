#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/journal/disk.h"

namespace tributary {
namespace {

// For the group too: the ingestor may run as another user. It writes nothing, but gives unused room back.
constexpr mode_t kMode = 0660;
// Into fresh pages of ext4, writes of 64 KB cost an eighth of larger ones per byte, and two thirds of that when they
// end where a multiple of 64 KB does (measured, with the sync).
constexpr std::uint64_t kBlock = 64u << 10;

std::size_t up_to_block_end(std::size_t size, std::uint64_t offset) noexcept {
  return static_cast<std::size_t>(std::min<std::uint64_t>(size, kBlock - offset % kBlock));
}

int rename_without_replacing(const char* from, const char* to) noexcept {
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::link(from, to) != 0) return errno;  // a file system without the flag
  return ::unlink(from) == 0 ? 0 : errno;
}

class PosixDisk final : public Disk {
 public:
  int create(const std::string& path, std::uint64_t size, Fd& fd) noexcept override {
    Fd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kMode));
    if (!made.valid()) return errno;
    int error = ::flock(made.get(), LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    if (error == 0) error = ::fchmod(made.get(), kMode) == 0 ? 0 : errno;
    if (error == 0) error = ::posix_fallocate(made.get(), 0, static_cast<off_t>(size));
    if (error != 0) {
      ::unlink(path.c_str());
      return error;
    }
    fd = std::move(made);
    return 0;
  }

  int write(int fd, std::span<const char> bytes, std::uint64_t offset) noexcept override {
    while (!bytes.empty()) {
      ssize_t wrote = ::pwrite(fd, bytes.data(), up_to_block_end(bytes.size(), offset), static_cast<off_t>(offset));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return errno;
      if (wrote == 0) return EIO;
      bytes = bytes.subspan(static_cast<std::size_t>(wrote));
      offset += static_cast<std::uint64_t>(wrote);
    }
    return 0;
  }

  // Never repeated, not even after EINTR: a second call may report success for pages that the first one lost.
  // A file that somebody removed meanwhile will be read by nobody: what was written to it has to go elsewhere.
  int sync(int fd) noexcept override {
    if (::fdatasync(fd) != 0) return errno;
    struct stat status {};
    return ::fstat(fd, &status) == 0 && status.st_nlink == 0 ? ESTALE : 0;
  }

  int rename(const std::string& from, const std::string& to) noexcept override {
    return rename_without_replacing(from.c_str(), to.c_str());
  }

  int sync_directory(const std::string& path) noexcept override {
    Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return errno;
    return ::fsync(fd.get()) == 0 ? 0 : errno;
  }

  int remove(const std::string& path) noexcept override { return ::unlink(path.c_str()) == 0 ? 0 : errno; }

  int discard(int fd, std::uint64_t offset, std::uint64_t end) noexcept override {
    if (end <= offset) return 0;
    constexpr int kFlags = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    return ::fallocate(fd, kFlags, static_cast<off_t>(offset), static_cast<off_t>(end - offset)) == 0 ? 0 : errno;
  }
};

}  // namespace

Disk& posix_disk() noexcept {
  static PosixDisk disk;
  return disk;
}

}  // namespace tributary
