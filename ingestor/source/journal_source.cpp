#include "ingestor/source/journal_source.h"

#include <utility>

namespace tributary::ingest {
namespace {

constexpr std::size_t kBurst = 1024;  // items of one journal before the next has its turn
constexpr std::uint64_t kReleaseEndedEveryMs = 60'000;

}  // namespace

void JournalSource::adopt(const JournalTicket& ticket, std::unique_ptr<JournalReader> reader) {
  const Position position = reader->position();
  const std::lock_guard lock(mutex_);
  adopted_.push_back({.ticket = ticket, .reader = std::move(reader), .stored = position});
}

void JournalSource::mark_stored(std::uint32_t number, Position position) {
  const std::lock_guard lock(mutex_);
  stored_[number] = position;
}

void JournalSource::drop(std::uint32_t number) {
  const std::lock_guard lock(mutex_);
  dropped_.push_back(number);
}

std::vector<JournalSource::Ended> JournalSource::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void JournalSource::mark_finished(std::uint32_t number) {
  const std::lock_guard lock(mutex_);
  finished_.insert(number);
  std::erase_if(ended_, [&](const Ended& ended) { return ended.number == number; });
}

std::vector<JournalSource::Backlog> JournalSource::backlogs() const {
  const std::lock_guard lock(mutex_);
  return backlogs_;
}

std::optional<SourceItem> JournalSource::next() {
  for (std::size_t tried = 0; tried <= open_.size() && !open_.empty(); ++tried) {
    if (burst_ < kBurst) {
      Open& journal = open_[turn_];
      if (auto item = journal.reader->read()) {
        ++burst_;
        return SourceItem{journal.ticket, *item};
      }
      journal.reader->state();  // notices a writer that died and flushes its ring
    }
    burst_ = 0;
    turn_ = (turn_ + 1) % open_.size();
  }
  return std::nullopt;
}

bool JournalSource::is_unfinished_end(const Open& journal) {
  return !journal.finished && journal.reader->state() == JournalState::ended &&
         journal.stored >= journal.reader->position();
}

// Reads the whole directory. Of an ended journal nothing changes but the age of its segments, and there may be
// thousands of such.
void JournalSource::release(Open& journal, std::uint64_t now_ms) {
  const bool ended = journal.reader->state() == JournalState::ended;
  const bool same = ended && journal.ended && journal.released == journal.stored;
  if (same && now_ms < journal.release_at_ms) return;
  journal.reader->release(journal.stored, keep_s_, keep_bytes_, now_ms);
  journal.ended = ended;
  journal.released = journal.stored;
  journal.release_at_ms = now_ms + kReleaseEndedEveryMs;
}

void JournalSource::tend(std::uint64_t now_ms) {
  std::map<std::uint32_t, Position> stored;
  {
    const std::lock_guard lock(mutex_);
    for (Open& journal : adopted_) open_.push_back(std::move(journal));
    adopted_.clear();
    stored.swap(stored_);
    for (const std::uint32_t number : dropped_) {
      std::erase_if(open_, [&](const Open& journal) { return journal.ticket.number == number; });
    }
    dropped_.clear();
    for (Open& journal : open_) journal.finished |= finished_.contains(journal.ticket.number);
    finished_.clear();
    turn_ = 0;
    burst_ = 0;
  }
  std::vector<Backlog> backlogs;
  std::vector<Ended> ended;
  for (Open& journal : open_) {
    if (const auto known = stored.find(journal.ticket.number); known != stored.end()) journal.stored = known->second;
    if (is_unfinished_end(journal)) {
      ended.push_back({journal.ticket.number, journal.stored});
    } else {
      release(journal, now_ms);
    }
    backlogs.push_back({journal.ticket, journal.reader->backlog()});
  }
  const std::lock_guard lock(mutex_);
  backlogs_ = std::move(backlogs);
  ended_ = std::move(ended);
}

}  // namespace tributary::ingest
