#include "ngx_module/worker_board.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "core/base/fd.h"
#include "core/state/worker_slot.h"

namespace tributary {

// Only ever grows at its end, and a new layout gets a new file name: workers of two builds may run side by side.
struct alignas(128) WorkerBoard::Entry {
  std::atomic<std::uint64_t> pid, started_s, generation, parked;
  std::atomic<std::uint64_t> committed, written, durable, refused, sync_failures, segments, retired_suspect, last_error;
};

namespace {

constexpr char kName[] = "/workers.1";

// Allocated, because touching a hole of a full tmpfs is SIGBUS.
bool has_room(int fd, std::size_t size) noexcept {
  const int error = posix_fallocate(fd, 0, static_cast<off_t>(size));
  if (error != 0) errno = error;
  return error == 0;
}

}  // namespace

WorkerBoard::WorkerBoard(const std::string& run_path) {
  static_assert(sizeof(Entry) == 128);
  const std::size_t size = kSlotCount * sizeof(Entry);
  const Fd fd(open((run_path + kName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (fd.get() >= 0 && has_room(fd.get(), size)) {
    file_ = MappedFile::map(fd.get(), size, MappedFile::Access::read_write);
  }
  if (!file_.valid()) throw std::system_error(errno, std::generic_category(), run_path + kName);
}

WorkerBoard::Entry& WorkerBoard::entry(std::uint32_t slot) const noexcept {
  return reinterpret_cast<Entry*>(static_cast<void*>(file_.data()))[slot];
}

void WorkerBoard::write(const WorkerReport& line) noexcept {
  Entry& e = entry(line.slot);
  const auto set = [](std::atomic<std::uint64_t>& field, std::uint64_t value) {
    field.store(value, std::memory_order_relaxed);
  };
  set(e.pid, line.pid);
  set(e.started_s, line.started_s);
  set(e.generation, line.generation);
  set(e.parked, line.parked);
  set(e.committed, line.journal.committed);
  set(e.written, line.journal.written);
  set(e.durable, line.journal.durable);
  set(e.refused, line.journal.refused);
  set(e.sync_failures, line.journal.sync_failures);
  set(e.segments, line.journal.segments);
  set(e.retired_suspect, line.journal.retired_suspect);
  set(e.last_error, static_cast<std::uint64_t>(line.journal.last_error));
}

std::vector<WorkerReport> WorkerBoard::read(const std::vector<std::uint32_t>& live) const {
  std::vector<WorkerReport> lines;
  const auto get = [](const std::atomic<std::uint64_t>& field) { return field.load(std::memory_order_relaxed); };
  for (const std::uint32_t slot : live) {
    const Entry& e = entry(slot);
    lines.push_back({slot,
                     get(e.pid),
                     get(e.started_s),
                     get(e.generation),
                     get(e.parked),
                     {get(e.committed), get(e.written), get(e.durable), get(e.refused), get(e.sync_failures),
                      get(e.segments), get(e.retired_suspect), static_cast<int>(get(e.last_error))}});
  }
  return lines;
}

}  // namespace tributary
