#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "core/journal/journal_reader.h"
#include "ingestor/batch/batch.h"

namespace tributary::ingest {

struct SourceItem {
  JournalTicket journal;
  JournalItem item;
};

// All journals that this process has claimed, read in turns. Journals are opened by the thread that owns the database
// connection and handed over; next() and tend() belong to the reading thread; everything else may be called from any.
class JournalSource {
 public:
  JournalSource(std::uint64_t keep_s, std::uint64_t keep_bytes) : keep_s_(keep_s), keep_bytes_(keep_bytes) {}

  void adopt(const JournalTicket& ticket, std::unique_ptr<JournalReader> reader);
  void mark_stored(std::uint32_t number, Position position);  // committed: segments before it may go in time

  void drop(std::uint32_t number);  // its files are gone: close it

  // Journals that are read to their end and stored. Their files stay until PostgreSQL knows that.
  struct Ended {
    std::uint32_t number = 0;
    Position end = 0;
  };
  std::vector<Ended> ended() const;  // and not marked, as of the last tend()
  void mark_finished(std::uint32_t number);

  struct Backlog {
    JournalTicket journal;
    Position bytes = 0;
  };
  std::vector<Backlog> backlogs() const;  // as of the last tend()

  // The next item of some journal, or nothing when all are drained. Its bytes live until the following call.
  std::optional<SourceItem> next();

  // Takes over what was adopted, releases segments, publishes backlogs. Cheap; call it a few times a second.
  void tend(std::uint64_t now_ms);

 private:
  struct Open {
    JournalTicket ticket;
    std::unique_ptr<JournalReader> reader;
    Position stored = 0;
    bool finished = false;            // PostgreSQL knows that it ended
    bool ended = false;               // the rest: as of the last release
    Position released = 0;            // what was stored then
    std::uint64_t release_at_ms = 0;  // the next one, while nothing changes
  };

  static bool is_unfinished_end(const Open& journal);
  void release(Open& journal, std::uint64_t now_ms);

  std::uint64_t keep_s_;
  std::uint64_t keep_bytes_;
  std::vector<Open> open_;
  std::size_t turn_ = 0;
  std::size_t burst_ = 0;  // items that the journal whose turn it is has given in a row

  mutable std::mutex mutex_;  // guards what follows
  std::vector<Open> adopted_;
  std::map<std::uint32_t, Position> stored_;
  std::vector<std::uint32_t> dropped_;
  std::set<std::uint32_t> finished_;
  std::vector<Ended> ended_;
  std::vector<Backlog> backlogs_;
};

}  // namespace tributary::ingest
