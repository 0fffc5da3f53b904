#include "core/journal/unused_room.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "core/journal/names.h"

namespace tributary {
namespace {

// What a file may take above its bytes: the rest of a block and the file system's own.
constexpr std::uint64_t kSlack = 64u << 10;

void give_back(const SegmentView& view, Position end, const std::string& path, Disk& disk) {
  const Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!fd.valid() || !view.is_at(path) || ::fstat(fd.get(), &status) != 0) return;
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return;  // its life writes it after all
  const std::uint64_t used = kSegmentHeaderSize + (end - view.first());
  if (static_cast<std::uint64_t>(status.st_blocks) * 512 <= used + kSlack) return;
  disk.discard(fd.get(), used, static_cast<std::uint64_t>(status.st_size));
  // How long a segment is kept counts from its last record.
  const timespec times[] = {status.st_atim, status.st_mtim};
  ::futimens(fd.get(), times);
}

}  // namespace

void give_back_unused_room(const std::vector<SegmentView*>& views, Position end, const std::string& journal_path,
                           Disk& disk) {
  for (const SegmentView* view : views) {
    // What could not be read passes for zeros, and may be read again one day.
    if (!view->was_unreadable()) give_back(*view, end, join_path(journal_path, segment_name(view->name())), disk);
  }
}

}  // namespace tributary
