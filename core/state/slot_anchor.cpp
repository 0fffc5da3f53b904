#include "core/state/slot_anchor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>

#include "core/base/named_file.h"
#include "core/state/record_lock.h"

namespace tributary {
namespace {

constexpr std::uint64_t kMagic = 0x3148'434e'4153'4254;  // "TBSANCH1"

struct Page {
  std::uint64_t magic;
  std::uint64_t stamp;
};

std::string anchor_path(const std::string& directory, std::uint32_t number) {
  char name[16];
  std::snprintf(name, sizeof(name), "/%03u.slot", number);
  return directory + name;
}

}  // namespace

SlotAnchor::Claim SlotAnchor::claim(const std::string& directory, std::uint32_t number) noexcept try {
  if (directory.empty()) {
    return Claim::unavailable;
  }
  std::string path = anchor_path(directory, number);
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) {
    return Claim::unavailable;
  }
  if (!lock_description(fd.get())) {
    return errno == EAGAIN || errno == EACCES ? Claim::taken : Claim::unavailable;
  }
  path_ = std::move(path);
  fd_ = std::move(fd);
  stored_ = stamp();
  return Claim::held;
} catch (const std::exception&) {  // out of memory
  return Claim::unavailable;
}

bool SlotAnchor::is_named() const noexcept {
  return tributary::is_named(fd_.get(), path_);
}

std::uint64_t SlotAnchor::stamp() const noexcept {
  Page page{};
  const bool whole = ::pread(fd_.get(), &page, sizeof(page), 0) == static_cast<ssize_t>(sizeof(page));
  return whole && page.magic == kMagic ? page.stamp : 0;
}

void SlotAnchor::store(std::uint64_t stamp) noexcept {
  if (stamp == stored_ || !fd_.valid()) {
    return;
  }
  const Page page{kMagic, stamp};
  // A full disk keeps the older stamp.
  if (::pwrite(fd_.get(), &page, sizeof(page), 0) == static_cast<ssize_t>(sizeof(page))) {
    stored_ = stamp;
  }
}

}  // namespace tributary
