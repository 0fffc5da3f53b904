#include "core/journal/dead_ring.h"

#include "core/base/clock.h"
#include "core/journal/names.h"
#include "core/journal/segment_file.h"

namespace tributary {
namespace {

// The last segment of the dead life may hold these bytes already, but only as pages that nobody has synced: they are
// written again. A reader takes each record once.
int write_segment(const Ring& ring, Position from, std::uint64_t size, const std::string& journal_path, Disk& disk,
                  std::string& path) {
  SpareFile spare;
  path = join_path(journal_path, temporary_name(ring.identity().id, 0));
  int error = allocate_spare(disk, path, size, spare);
  if (error != 0) return error;
  std::unique_ptr<SegmentFile> segment;
  error = SegmentFile::activate(disk, journal_path, {ring.identity(), from, size, wall_clock_ms()}, spare, segment);
  if (error != 0) return error;
  path = segment->path();
  error = segment->append(disk, {ring.at(from), size});
  if (error == 0) error = segment->sync(disk);
  return error != 0 ? error : disk.sync_directory(journal_path);
}

}  // namespace

int flush_dead_ring(Ring& ring, const std::string& journal_path, Disk& disk) {
  if (ring.capacity() == 0) {
    int error = ring.map_records();
    if (error != 0) return error;
  }
  Position durable = ring.header().durable.load(std::memory_order_acquire);
  Position committed = ring.header().committed.load(std::memory_order_acquire);
  if (durable < committed) {
    std::string path;
    int error = write_segment(ring, durable, committed - durable, journal_path, disk, path);
    if (error != 0) {
      disk.remove(path);
      return error;
    }
    ring.header().written.store(committed, std::memory_order_release);
    ring.header().durable.store(committed, std::memory_order_release);
  }
  ring.unlink();
  return 0;
}

}  // namespace tributary
