#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <vector>

#include "core/journal/disk.h"

namespace tributary {

// For tests: a real disk that fails on demand, dies with its process at a chosen call, and can lose what was not
// synced. Not for several threads.
class UnreliableDisk final : public Disk {
 public:
  static constexpr std::uint64_t kNever = UINT64_MAX;

  int create_error = 0;                      // while set, no file can be made
  int write_error = 0;                       // while set, nothing can be written
  int next_sync_error = 0;                   // one fdatasync fails
  std::uint64_t calls_until_death = kNever;  // then no call has any effect: the process was killed

  bool dead() const noexcept { return calls_until_death == 0; }

  int create(const std::string& path, std::uint64_t size, Fd& fd) noexcept override {
    if (died()) return EIO;
    if (create_error != 0) return create_error;
    int error = posix_disk().create(path, size, fd);
    forget(path);
    if (error == 0) files_[inode(fd.get())] = {path, std::vector<char>(size), false, false};
    return error;
  }

  int write(int fd, std::span<const char> bytes, std::uint64_t offset) noexcept override {
    if (died()) return EIO;
    if (write_error != 0) return write_error;
    return posix_disk().write(fd, bytes, offset);
  }

  int sync(int fd) noexcept override {
    if (died()) return EIO;
    File& file = files_[inode(fd)];
    if (int error = std::exchange(next_sync_error, 0); error != 0) {
      file.poisoned = true;
      return error;
    }
    if (file.poisoned) return 0;
    return ::pread(fd, file.durable.data(), file.durable.size(), 0) >= 0 ? 0 : errno;
  }

  int rename(const std::string& from, const std::string& to) noexcept override {
    if (died()) return EIO;
    int error = posix_disk().rename(from, to);
    if (error != 0) return error;
    for (auto& [inode, file] : files_) {
      if (file.path != from) continue;
      file.path = to;
      file.name_durable = false;
    }
    return 0;
  }

  int sync_directory(const std::string&) noexcept override {
    if (died()) return EIO;
    for (auto& [inode, file] : files_) file.name_durable = true;
    return 0;
  }

  int remove(const std::string& path) noexcept override {
    if (died()) return EIO;
    forget(path);
    return posix_disk().remove(path);
  }

  int discard(int fd, std::uint64_t offset, std::uint64_t end) noexcept override {
    return died() ? EIO : posix_disk().discard(fd, offset, end);
  }

  // Every sector that was not synced is as it was at the last sync, or not; every name that was not synced is there, or
  // not.
  template <typename Random>
  void cut_power(Random& random) {
    for (auto& [inode, file] : files_) {
      struct stat named {};
      if (::stat(file.path.c_str(), &named) != 0 || named.st_ino != inode || !S_ISREG(named.st_mode)) continue;
      if (!file.name_durable && random() % 2 == 0) {
        std::filesystem::remove(file.path);
        continue;
      }
      std::fstream stream(file.path, std::ios::in | std::ios::out | std::ios::binary);
      std::vector<char> now(file.durable.size());
      stream.read(now.data(), static_cast<std::streamsize>(now.size()));
      now.resize(static_cast<std::size_t>(stream.gcount()));
      for (std::size_t at = 0; at < now.size(); at += kSector) {
        if (random() % 2 == 0) continue;
        std::copy_n(file.durable.begin() + static_cast<std::ptrdiff_t>(at), std::min(kSector, now.size() - at),
                    now.begin() + static_cast<std::ptrdiff_t>(at));
      }
      stream.clear();
      stream.seekp(0);
      stream.write(now.data(), static_cast<std::streamsize>(now.size()));
    }
    files_.clear();
  }

 private:
  static constexpr std::size_t kSector = 512;
  struct File {
    std::string path;
    std::vector<char> durable;  // its bytes at the last sync
    bool name_durable = false;
    bool poisoned = false;  // a sync failed: the kernel dropped the pages and reports success from now on
  };

  static ino_t inode(int fd) noexcept {
    struct stat status {};
    ::fstat(fd, &status);
    return status.st_ino;
  }

  void forget(const std::string& path) {
    std::erase_if(files_, [&](const auto& entry) { return entry.second.path == path; });
  }

  bool died() noexcept {
    if (calls_until_death == kNever) return false;
    if (calls_until_death > 0) --calls_until_death;
    return calls_until_death == 0;
  }

  std::map<ino_t, File> files_;  // not wholly durable, or still open
};

}  // namespace tributary
