#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/fd.h"
#include "core/journal/disk.h"
#include "core/journal/format.h"
#include "core/journal/segment_header.h"

namespace tributary {

// An allocated and locked file under a temporary name, on its way to become a segment.
struct SpareFile {
  std::string path;
  Fd fd;
  std::uint64_t capacity = 0;  // for records
};

// Allocates one with room for `capacity` bytes of records; 0 or an errno.
int allocate_spare(Disk& disk, const std::string& path, std::uint64_t capacity, SpareFile& spare);

// A segment replaced as a whole, which may be removed when `end` is durable elsewhere.
struct SuspectFile {
  std::string path;
  Position end = 0;
};

// A segment that this life writes. Not thread-safe, except that sync() may run beside append().
class SegmentFile {
 public:
  // Writes the header and gives the spare the name of the segment that begins at `first`; with a copy number when the
  // name is taken. On failure `spare` still has its file under the temporary name.
  static int activate(Disk& disk, const std::string& journal_path, const SegmentHeader& header, SpareFile& spare,
                      std::unique_ptr<SegmentFile>& segment);

  int append(Disk& disk, std::span<const char> bytes) noexcept;
  int sync(Disk& disk) noexcept { return disk.sync(fd_.get()); }
  void discard_rest(Disk& disk) noexcept;

  const std::string& path() const noexcept { return path_; }
  Position first() const noexcept { return first_; }
  Position end() const noexcept { return end_; }
  std::uint64_t room() const noexcept { return capacity_ - (end_ - first_); }
  std::uint64_t capacity() const noexcept { return capacity_; }

  bool full = false;          // nothing more is appended
  bool name_durable = false;  // its directory was synced after it got its name

 private:
  SegmentFile(std::string path, Fd fd, Position first, std::uint64_t capacity) noexcept;

  std::string path_;
  Fd fd_;
  Position first_;
  Position end_;
  std::uint64_t capacity_;
};

}  // namespace tributary
