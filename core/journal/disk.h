#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/base/fd.h"

namespace tributary {

// The calls that change files of a journal, so that tests can make them fail and can cut the power. Each returns 0 or
// an errno. Safe to use from several threads.
class Disk {
 public:
  virtual ~Disk() = default;

  // A new file with `size` bytes of allocated space, locked by flock. Fails rather than leave one without space.
  virtual int create(const std::string& path, std::uint64_t size, Fd& fd) noexcept = 0;
  // All of `bytes`, or an error.
  virtual int write(int fd, std::span<const char> bytes, std::uint64_t offset) noexcept = 0;
  // fdatasync.
  virtual int sync(int fd) noexcept = 0;
  // EEXIST when `to` is there already.
  virtual int rename(const std::string& from, const std::string& to) noexcept = 0;
  virtual int sync_directory(const std::string& path) noexcept = 0;
  virtual int remove(const std::string& path) noexcept = 0;
  // Gives the space from `offset` to `end` back; the file keeps its size and reads as zero there.
  virtual int discard(int fd, std::uint64_t offset, std::uint64_t end) noexcept = 0;
};

Disk& posix_disk() noexcept;

}  // namespace tributary
