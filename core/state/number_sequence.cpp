#include "core/state/number_sequence.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/base/fd.h"
#include "core/click_id/click_id.h"

namespace tributary {
namespace {

constexpr std::uint64_t kMagic = 0x3153'424d'554e'4254;  // "TBNUMBS1"

struct Page {
  std::uint64_t magic;
  std::uint64_t last;  // tick given last
};

std::uint64_t tick_of(std::uint64_t now_ms) noexcept {
  if (now_ms <= kNumberEpochMs) {
    return 0;
  }
  const std::uint64_t ms = now_ms - kNumberEpochMs;
  return ms / 1000 * kTicksPerSecond + ms % 1000 * kTicksPerSecond / 1000;
}

NumberSequence::Error error(const std::string& path) {
  const int code = errno;
  return {code, path + ": " + std::strerror(code)};
}

// Complete before it gets its name; whoever comes second uses the first one's.
bool make(const std::string& path, std::uint64_t now_ms) {
  std::string temporary = path + ".XXXXXX";
  const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  const Page page{kMagic, tick_of(now_ms)};
  const bool written = fd.valid() && ::pwrite(fd.get(), &page, sizeof(page), 0) == sizeof(page);
  const bool linked = written && (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int code = errno;
  ::unlink(temporary.c_str());
  errno = code;
  return linked;
}

}  // namespace

Result<NumberSequence, NumberSequence::Error> NumberSequence::open(const std::string& path, std::uint64_t now_ms) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT && make(path, now_ms)) {
    fd.reset(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  }
  struct stat status {};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    return error(path);
  }
  if (status.st_size < static_cast<off_t>(sizeof(Page))) {
    return Error{0, path + " is not a number sequence: remove it while no nginx uses it"};
  }
  MappedFile mapping = MappedFile::map(fd.get(), sizeof(Page), MappedFile::Access::read_write);
  if (!mapping.valid()) {
    return error(path);
  }
  if (reinterpret_cast<const Page*>(mapping.data())->magic != kMagic) {
    return Error{0, path + " is not a number sequence: remove it while no nginx uses it"};
  }
  return NumberSequence(std::move(mapping));
}

std::uint64_t NumberSequence::next(std::uint32_t edge, std::uint64_t now_ms) noexcept {
  if (!mapping_.valid() || edge > kMaxEdge || now_ms <= kNumberEpochMs) {
    return 0;
  }
  std::atomic_ref<std::uint64_t> word(reinterpret_cast<Page*>(mapping_.data())->last);
  std::uint64_t last = word.load(std::memory_order_relaxed);
  while (last < kMaxTick) {
    if (word.compare_exchange_weak(last, last + 1, std::memory_order_relaxed)) {
      return (last + 1) << 10 | edge;
    }
  }
  return 0;
}

}  // namespace tributary
