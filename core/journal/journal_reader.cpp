#include "core/journal/journal_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/journal/dead_ring.h"
#include "core/journal/directory_names.h"
#include "core/journal/journal_stream.h"
#include "core/journal/lock_probe.h"
#include "core/journal/names.h"
#include "core/journal/reader_lock.h"
#include "core/journal/retention.h"
#include "core/journal/ring.h"
#include "core/journal/unused_room.h"

namespace tributary {
struct JournalReader::Impl {
  Impl(ReaderLock taken, const std::string& journal, const std::string& run, const JournalId& id, Position from,
       Disk& files, DiskPatience::ClockMs clock)
      : lock(std::move(taken)),
        journal_path(journal),
        ring_path(join_path(run, ring_name(id))),
        disk(files),
        stream(journal_path, id, from, clock) {
    info.id = id;
  }

  // The ring is kept while its worker lives or until it is flushed.
  Result<bool, JournalError> open_ring() {
    auto opened = Ring::open(ring_path);
    if (opened) {
      ring.emplace(std::move(*opened));
      return true;
    }
    if (opened.error().system_error == ENOENT) {
      // Read without its ring, a journal that is being written would give torn records and an end that is none.
      if (!is_being_written()) return false;
      return journal_error(ENOENT, "its worker lives, but its ring is not here: is the run path right?", ring_path);
    }
    // Not a ring that we know. While somebody holds it, its journal is not ours to judge.
    if (opened.error().code != JournalError::Code::invalid || is_locked(ring_path)) return opened.error();
    return false;
  }

  // The life that writes a segment holds its lock, whatever has become of the ring.
  bool is_being_written() noexcept {
    const auto& entries = stream.catalog().entries();
    return std::any_of(entries.begin(), entries.end(), [](const auto& entry) { return is_locked(entry.path); });
  }

  Position limit() const noexcept {
    return ring ? ring->header().written.load(std::memory_order_acquire) : JournalStream::kNoLimit;
  }

  // When its worker is gone: saves what the ring holds. False while there is still a ring.
  bool settle_ring() {
    if (!ring) return true;
    if (!ring->try_lock()) return false;
    remove_temporaries(journal_path, info.id);
    last_error = flush_dead_ring(*ring, journal_path, disk);
    if (last_error != 0 && last_error != EBADMSG) return false;
    ring.reset();
    stream.refresh();
    return true;
  }

  // Nothing is behind the end: what a killed worker had allocated there goes back to the disk.
  void give_back_unused_room() {
    if (std::exchange(gave_back, true)) return;
    stream.drop_view();
    const Position end = stream.position();
    tributary::give_back_unused_room(stream.catalog().views_at(end), end, journal_path, disk);
  }

  void describe() {
    stream.catalog().rescan();
    if (ring) static_cast<JournalIdentity&>(info) = ring->identity();
    const auto& entries = stream.catalog().entries();
    info.first = entries.empty() ? 0 : entries.front().name.first;
    SegmentProblem problem{};
    for (std::size_t i = 0; i < entries.size() && info.created_ms == 0; ++i) {
      auto view = SegmentView::open(entries[i].path, entries[i].name, problem);
      if (view == nullptr) continue;
      if (const auto& header = view->header()) static_cast<JournalIdentity&>(info) = header->identity;
    }
  }

  ReaderLock lock;
  const std::string journal_path;
  const std::string ring_path;
  Disk& disk;
  std::optional<Ring> ring;
  JournalStream stream;
  JournalInfo info;
  int last_error = 0;
  bool gave_back = false;
};

Result<std::unique_ptr<JournalReader>, JournalError> JournalReader::open(const std::string& journal_path,
                                                                         const std::string& run_path,
                                                                         const JournalId& id, Position from, Disk& disk,
                                                                         DiskPatience::ClockMs clock) {
  auto lock = ReaderLock::take(journal_path, id);
  if (!lock) return lock.error();
  auto impl = std::make_unique<Impl>(std::move(*lock), journal_path, run_path, id, from, disk, clock);
  auto ring = impl->open_ring();
  if (!ring) return ring.error();
  impl->describe();
  if (impl->settle_ring()) remove_temporaries(journal_path, id);
  return std::unique_ptr<JournalReader>(new JournalReader(std::move(impl)));
}

JournalReader::JournalReader(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

JournalReader::~JournalReader() = default;

std::optional<JournalItem> JournalReader::read() noexcept {
  Impl& my = *impl_;
  auto item = my.stream.next(my.limit());
  // What is not durable may be written again, elsewhere: only a hole before that is one.
  if (item && item->kind != JournalItem::Kind::record && my.ring) {
    my.stream.back_to(*item);
    return my.stream.next(my.ring->header().durable.load(std::memory_order_acquire));
  }
  return item;
}

JournalState JournalReader::state() noexcept {
  Impl& my = *impl_;
  my.settle_ring();
  if (my.ring || !my.stream.ended()) return JournalState::live;
  my.give_back_unused_room();
  return JournalState::ended;
}

Position JournalReader::position() const noexcept {
  return impl_->stream.position();
}

Position JournalReader::backlog() const noexcept {
  Impl& my = *impl_;
  Position end = 0;
  if (my.ring) {
    end = my.ring->header().committed.load(std::memory_order_acquire);
  } else if (!my.stream.ended() && !my.stream.catalog().entries().empty()) {
    end = my.stream.catalog().entries().back().name.first;
  }
  return end > position() ? end - position() : 0;
}

const JournalInfo& JournalReader::info() const noexcept {
  return impl_->info;
}

int JournalReader::last_error() const noexcept {
  return impl_->last_error;
}

std::size_t JournalReader::release(Position stored, std::uint64_t keep_s, std::uint64_t keep_bytes,
                                   std::uint64_t now_ms) noexcept {
  Impl& my = *impl_;
  SegmentCatalog& catalog = my.stream.catalog();
  bool ended = !my.ring && my.stream.ended() && stored >= position();
  my.stream.drop_view();
  catalog.rescan();
  Releasable chosen = choose_releasable(catalog.entries(), {stored, ended, keep_s, keep_bytes, now_ms});
  // The lock file first: without it and with segments, the journal is found again after a crash in between.
  if (ended && chosen.kept == 0) {
    ::unlink(my.ring_path.c_str());
    my.lock.unlink();
  }
  std::size_t removed = 0;
  for (const std::string& path : chosen.paths) removed += my.disk.remove(path) == 0 ? 1 : 0;
  catalog.rescan();
  return removed;
}

}  // namespace tributary
