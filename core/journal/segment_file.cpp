#include "core/journal/segment_file.h"

#include <array>
#include <cerrno>

#include "core/journal/names.h"

namespace tributary {
namespace {

// So many files may begin at one position: each needs a failed sync or a crash without progress.
constexpr std::uint32_t kMaxCopies = 10'000;

}  // namespace

int allocate_spare(Disk& disk, const std::string& path, std::uint64_t capacity, SpareFile& spare) {
  spare.path = path;
  spare.capacity = capacity;
  return disk.create(path, kSegmentHeaderSize + capacity, spare.fd);
}

SegmentFile::SegmentFile(std::string path, Fd fd, Position first, std::uint64_t capacity) noexcept
    : path_(std::move(path)), fd_(std::move(fd)), first_(first), end_(first), capacity_(capacity) {}

int SegmentFile::activate(Disk& disk, const std::string& journal_path, const SegmentHeader& header, SpareFile& spare,
                          std::unique_ptr<SegmentFile>& segment) {
  std::array<char, kSegmentHeaderSize> bytes;
  encode_segment_header(header, bytes);
  int error = disk.write(spare.fd.get(), bytes, 0);
  if (error != 0) return error;
  for (std::uint32_t copy = 0; copy < kMaxCopies; ++copy) {
    std::string path = join_path(journal_path, segment_name({header.identity.id, header.first, copy}));
    error = disk.rename(spare.path, path);
    if (error == EEXIST) continue;
    if (error != 0) return error;
    segment.reset(new SegmentFile(std::move(path), std::move(spare.fd), header.first, spare.capacity));
    return 0;
  }
  return EEXIST;
}

int SegmentFile::append(Disk& disk, std::span<const char> bytes) noexcept {
  int error = disk.write(fd_.get(), bytes, kSegmentHeaderSize + (end_ - first_));
  if (error == 0) end_ += bytes.size();
  return error;
}

void SegmentFile::discard_rest(Disk& disk) noexcept {
  disk.discard(fd_.get(), kSegmentHeaderSize + (end_ - first_), kSegmentHeaderSize + capacity_);
}

}  // namespace tributary
