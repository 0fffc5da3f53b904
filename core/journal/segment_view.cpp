#include "core/journal/segment_view.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/named_file.h"

namespace tributary {
namespace {

constexpr std::size_t kWindowSize = 256 * 1024;
constexpr std::size_t kUnreadableBlock = 4096;
// Whatever the size of a file claims: so much is looked at when its header does not say.
constexpr std::uint64_t kMaxCapacity = std::uint64_t{4} << 30;

SegmentProblem problem_of(int system_error) noexcept {
  switch (system_error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EINTR:
    case EIO:
    case EACCES:  // whoever took the right away can give it back: better to wait than to skip good records
    case EPERM: return SegmentProblem::transient;
    case ENOENT: return SegmentProblem::vanished;
    default: return SegmentProblem::unreadable;
  }
}

// Reads until `size`, the end of the file or an error; blocks that are `unreadable` are zeros.
std::size_t read_some(int fd, char* out, std::size_t size, std::uint64_t offset, bool& unreadable) noexcept {
  std::size_t done = 0;
  while (done < size) {
    ssize_t got = ::pread(fd, out + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EIO) {
      std::size_t block = std::min(kUnreadableBlock, size - done);
      std::memset(out + done, 0, block);
      unreadable = true;
      done += block;
      continue;
    }
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace

const char* segment_problem_text(SegmentProblem problem) noexcept {
  switch (problem) {
    case SegmentProblem::none: return "sound";
    case SegmentProblem::transient: return "cannot be opened now";
    case SegmentProblem::vanished: return "was removed";
    case SegmentProblem::unreadable: return "is not a file that this process may read";
    case SegmentProblem::too_short: return "is too short for a segment";
    case SegmentProblem::foreign: return "is of another version or host, or not under its own name";
  }
  return "";
}

SegmentView::SegmentView(Fd fd, const SegmentName& name, std::uint64_t capacity) noexcept
    : fd_(std::move(fd)), name_(name), capacity_(capacity) {}

std::unique_ptr<SegmentView> SegmentView::open(const std::string& path, const SegmentName& name,
                                               SegmentProblem& problem) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    problem = problem_of(errno);
    return nullptr;
  }
  auto size = static_cast<std::uint64_t>(status.st_size);
  problem = SegmentProblem::unreadable;
  if (!S_ISREG(status.st_mode)) return nullptr;
  problem = SegmentProblem::too_short;
  if (size < kSegmentHeaderSize + kRecordAlignment) return nullptr;

  char bytes[kSegmentHeaderSize];
  bool unreadable = false;
  std::size_t got = read_some(fd.get(), bytes, sizeof(bytes), 0, unreadable);
  SegmentHeaderError error{};
  auto header = decode_segment_header({bytes, got}, error);
  problem = SegmentProblem::foreign;
  if (!header && error == SegmentHeaderError::foreign) return nullptr;
  if (header && (header->identity.id != name.id || header->first != name.first)) return nullptr;
  if (name.first % kRecordAlignment != 0 || name.first > UINT64_MAX - size) return nullptr;

  problem = SegmentProblem::none;
  std::uint64_t capacity = std::min(size - kSegmentHeaderSize, header ? header->capacity : kMaxCapacity);
  capacity &= ~std::uint64_t{kRecordAlignment - 1};
  std::unique_ptr<SegmentView> view(new SegmentView(std::move(fd), name, capacity));
  view->header_ = header;
  return view;
}

bool SegmentView::is_at(const std::string& path) const noexcept {
  return is_named(fd_.get(), path);
}

std::span<const char> SegmentView::bytes(Position position, std::size_t size, Position limit) {
  Position stop = std::min(end(), limit);
  if (position < first() || position >= stop) return {};
  size = std::min<std::uint64_t>(size, stop - position);
  bool inside = position >= window_first_ && position + size <= window_first_ + window_size_;
  if (!inside) load(position, std::min<std::uint64_t>(std::max(size, kWindowSize), stop - position));
  std::size_t offset = position - window_first_;
  if (offset >= window_size_) return {};
  return {window_.data() + offset, std::min(size, window_size_ - offset)};
}

void SegmentView::load(Position position, std::size_t size) {
  if (window_.size() < size) window_.resize(size);
  window_first_ = position;
  window_size_ = read_some(fd_.get(), window_.data(), size, kSegmentHeaderSize + (position - first()), unreadable_);
}

}  // namespace tributary
