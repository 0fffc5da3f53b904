#include "core/journal/segment_log.h"

#include <cerrno>
#include <cstring>

#include "core/base/clock.h"
#include "core/journal/names.h"

namespace tributary {
SegmentLog::SegmentLog(Ring& ring, SegmentLogOptions options, Disk& disk)
    : ring_(ring), options_(std::move(options)), disk_(disk), written_(ring.header().durable.load()) {
  ring_.header().written.store(written_, std::memory_order_release);
}

SegmentLog::~SegmentLog() = default;

SegmentFile* SegmentLog::current() const noexcept {
  return open_.empty() || open_.back()->full ? nullptr : open_.back().get();
}

bool SegmentLog::copy(std::uint64_t now_ms) {
  std::lock_guard lock(mutex_);
  return copy_locked(now_ms);
}

bool SegmentLog::copy_locked(std::uint64_t now_ms) {
  Position start = written_;
  Position committed = ring_.header().committed.load(std::memory_order_acquire);
  while (written_ < committed) {
    SegmentFile* file = current();
    if (file == nullptr) {
      if (!open_next(now_ms)) break;
      continue;
    }
    std::uint64_t size = fitting(file->room(), committed - written_);
    // A record that no segment can hold is not ours (a stray write into the ring): split it rather than turn for ever.
    if (size == 0 && file->room() == file->capacity()) size = file->room();
    if (size == 0) {
      file->full = true;
      continue;
    }
    int error = file->append(disk_, {ring_.at(written_), size});
    if (error != 0) {
      abandon(*file);
      note_failure(error, now_ms);
      break;
    }
    written_ += size;
    ring_.header().written.store(written_, std::memory_order_release);
  }
  return written_ != start;
}

// The bytes from `written_` on that go into `room`, whole records only.
std::uint64_t SegmentLog::fitting(std::uint64_t room, std::uint64_t wanted) const noexcept {
  if (wanted <= room) return wanted;
  std::uint64_t size = 0;
  for (;;) {
    RecordHeader header;
    std::memcpy(&header, ring_.at(written_ + size), sizeof(header));
    std::uint64_t next = size + record_size(header.length);
    if (next > room) return size;
    size = next;
  }
}

// After a failed write: what the file holds stays good, the rest goes to another one.
void SegmentLog::abandon(SegmentFile& file) {
  file.full = true;
  if (file.end() == file.first()) disk_.remove(file.path());
}

bool SegmentLog::open_next(std::uint64_t now_ms) {
  if (!backoff_.ready(now_ms)) return false;
  if (spare_ == nullptr) {
    auto spare = std::make_unique<SpareFile>();
    std::string path = join_path(options_.journal_path, temporary_name(ring_.identity().id, serial_++));
    int error = allocate_spare(disk_, path, options_.segment_bytes - kSegmentHeaderSize, *spare);
    if (error != 0) {
      note_failure(error, now_ms);
      return false;
    }
    spare_ = std::move(spare);
  }
  SegmentHeader header{ring_.identity(), written_, spare_->capacity, wall_clock_ms()};
  std::unique_ptr<SegmentFile> segment;
  int error = SegmentFile::activate(disk_, options_.journal_path, header, *spare_, segment);
  if (error != 0) {
    disk_.remove(spare_->path);
    spare_.reset();
    note_failure(error, now_ms);
    return false;
  }
  spare_.reset();
  open_.push_back(std::move(segment));
  ++status_.segments;
  return true;
}

bool SegmentLog::sync(std::uint64_t now_ms) {
  std::vector<SegmentFile*> files;
  Position target;
  {
    std::lock_guard lock(mutex_);
    copy_locked(now_ms);
    close_durable();
    target = written_;
    if (target == ring_.header().durable.load(std::memory_order_relaxed)) return false;
    for (const auto& file : open_) files.push_back(file.get());
  }
  int error = sync_files(files);
  std::lock_guard lock(mutex_);
  if (error != 0) {
    retire_suspects(error, now_ms);
    return false;
  }
  for (SegmentFile* file : files) file->name_durable = true;
  // In one order with Journal::request_sync: either it sees this, or the sync thread sees that somebody waits.
  ring_.header().durable.store(target, std::memory_order_seq_cst);
  backoff_.succeeded();
  status_.last_error = 0;
  close_durable();
  remove_suspects_before(target);
  return true;
}

int SegmentLog::sync_files(const std::vector<SegmentFile*>& files) {
  bool new_name = false;
  for (SegmentFile* file : files) {
    int error = file->sync(disk_);
    if (error != 0) return error;
    new_name = new_name || !file->name_durable;
  }
  return new_name ? disk_.sync_directory(options_.journal_path) : 0;
}

// After a failed fdatasync the kernel may have dropped the pages and will not say so again: nothing that was open
// counts.
void SegmentLog::retire_suspects(int error, std::uint64_t now_ms) {
  ++status_.sync_failures;
  status_.retired_suspect += open_.size();
  Position durable = ring_.header().durable.load(std::memory_order_relaxed);
  remove_suspects_before(written_);  // the files that are retired now hold the same bytes
  for (const auto& file : open_) {
    // An empty one was abandoned, and its name may belong to another file by now.
    if (file->first() >= durable && file->end() > file->first()) suspects_.push_back({file->path(), file->end()});
  }
  open_.clear();
  written_ = durable;
  ring_.header().written.store(durable, std::memory_order_release);
  note_failure(error, now_ms);
}

void SegmentLog::close_durable() {
  Position durable = ring_.header().durable.load(std::memory_order_relaxed);
  std::erase_if(open_, [&](const auto& file) { return file->full && file->end() <= durable; });
}

void SegmentLog::remove_suspects_before(Position end) {
  std::erase_if(suspects_, [&](const SuspectFile& suspect) {
    if (suspect.end > end) return false;
    disk_.remove(suspect.path);
    return true;
  });
}

void SegmentLog::note_failure(int error, std::uint64_t now_ms) {
  status_.last_error = error;
  backoff_.failed(now_ms);
}

void SegmentLog::prepare(std::uint64_t now_ms) {
  std::uint32_t serial;
  {
    std::lock_guard lock(mutex_);
    const SegmentFile* file = current();
    if (!options_.keep_spare || spare_ != nullptr || !spare_backoff_.ready(now_ms)) return;
    if (file == nullptr || file->room() > file->capacity() / 2) return;
    serial = serial_++;
  }
  auto spare = std::make_unique<SpareFile>();
  std::string path = join_path(options_.journal_path, temporary_name(ring_.identity().id, serial));
  int error = allocate_spare(disk_, path, options_.segment_bytes - kSegmentHeaderSize, *spare);
  std::lock_guard lock(mutex_);
  if (error != 0) {
    status_.last_error = error;  // early notice: the present segment still has room
    spare_backoff_.failed(now_ms);
    return;
  }
  spare_backoff_.succeeded();
  if (spare_ == nullptr) {
    spare_ = std::move(spare);
  } else {
    disk_.remove(path);
  }
}

void SegmentLog::finish() {
  std::lock_guard lock(mutex_);
  if (spare_ != nullptr) disk_.remove(spare_->path);
  spare_.reset();
  if (SegmentFile* file = current()) file->discard_rest(disk_);
  open_.clear();
}

SegmentLogStatus SegmentLog::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace tributary
