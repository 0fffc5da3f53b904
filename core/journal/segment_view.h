#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/fd.h"
#include "core/journal/names.h"
#include "core/journal/segment_header.h"

namespace tributary {

// Why a file named like a segment is not read.
enum class SegmentProblem : std::uint8_t {
  none,
  transient,   // no descriptors, memory or permission just now: try again
  vanished,    // was removed meanwhile
  unreadable,  // a directory, a link, a device
  too_short,
  foreign,  // of another format version, byte order or journal, or under a name that is not its own
};
const char* segment_problem_text(SegmentProblem problem) noexcept;

// Reads one segment file through a window in memory. pread and not a mapping: whatever happens to the file, the worst
// is bytes that do not check. Bytes that the disk cannot give back read as zero.
class SegmentView {
 public:
  // A damaged header does no harm: the name says journal and position, and every record checks by itself.
  static std::unique_ptr<SegmentView> open(const std::string& path, const SegmentName& name, SegmentProblem& problem);

  bool is_at(const std::string& path) const noexcept;  // false when another file has the name now

  const SegmentName& name() const noexcept { return name_; }
  const std::optional<SegmentHeader>& header() const noexcept { return header_; }
  Position first() const noexcept { return name_.first; }
  Position end() const noexcept { return name_.first + capacity_; }  // of the room for records, used or not
  bool contains(Position position) const noexcept { return position >= first() && position < end(); }

  // Whether the disk could not give back some of the bytes that were asked for.
  bool was_unreadable() const noexcept { return unreadable_; }
  // Forgets what was read, so that the disk is asked again.
  void look_again() noexcept {
    window_size_ = 0;
    unreadable_ = false;
  }

  // Up to `size` bytes from `position` on, fewer where file or `limit` ends. What lies behind `limit` may still change
  // and is not kept in the window. Valid until the next call.
  std::span<const char> bytes(Position position, std::size_t size, Position limit);

 private:
  SegmentView(Fd fd, const SegmentName& name, std::uint64_t capacity) noexcept;
  void load(Position position, std::size_t size);

  Fd fd_;
  SegmentName name_;
  std::uint64_t capacity_;
  std::optional<SegmentHeader> header_;
  std::vector<char> window_;
  Position window_first_ = 0;
  std::size_t window_size_ = 0;
  bool unreadable_ = false;
};

}  // namespace tributary
