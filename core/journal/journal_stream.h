#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/journal/disk_patience.h"
#include "core/journal/journal_item.h"
#include "core/journal/record.h"
#include "core/journal/segment_catalog.h"

namespace tributary {

// Turns the segments of one journal into items. Knows nothing of locks, rings and processes.
//
// A record counts when its header checks for this journal and this position and its payload checks; from whichever
// segment it comes, there is only one record that can stand at a position. Where none does, the bytes up to the next
// place where one does, or where the next segment begins, are damaged; or a gap when they are missing or zero.
class JournalStream {
 public:
  // With a clock, next() returns nothing while it waits for a disk that fails; else that counts as lost at once.
  JournalStream(std::string journal_path, const JournalId& id, Position from, DiskPatience::ClockMs clock = nullptr);

  // The next item before `limit`. `limit` is the position up to which the segments are written; kNoLimit when they will
  // not change any more.
  std::optional<JournalItem> next(Position limit);

  // After next() returned nothing for kNoLimit: there is nothing more on disk.
  bool ended() const noexcept { return ended_; }
  Position position() const noexcept { return position_; }

  // The directory has changed (a ring was flushed): look again. An ended stream does not look by itself: finding the
  // end means reading all the room behind it.
  void refresh() noexcept;
  // Before segments are removed from the catalog: holds on to none of them.
  void drop_view() noexcept { current_ = nullptr; }
  // Takes the last item back.
  void back_to(const JournalItem& item) noexcept { position_ = item.position; }
  SegmentCatalog& catalog() noexcept { return catalog_; }

  static constexpr Position kNoLimit = UINT64_MAX;

 private:
  // What stands at a position: at best a record, else a header whose payload does not check.
  struct Found {
    SegmentView* view = nullptr;
    RecordHeader header{};
    bool whole = false;
  };
  // Where a hole ends.
  struct HoleEnd {
    Position position = 0;
    bool certain = false;  // a record or a segment begins there
  };

  Found look(SegmentView* view, Position limit);
  Found find(Position limit);
  JournalItem take(const Found& found, Position limit);
  bool ask_again(Found& found, Position limit);
  bool look_again();
  const SegmentView* unreadable_view();
  std::optional<JournalItem> read_hole(Position limit);
  std::optional<JournalItem> read_end(const std::vector<SegmentView*>& views);
  HoleEnd find_hole_end(const std::vector<SegmentView*>& views, Position limit);
  JournalItem hole_item(SegmentView* view, Position end);
  JournalItem item(JournalItem::Kind kind, Position next, std::span<const char> bytes);

  RecordCodec codec_;
  SegmentCatalog catalog_;
  DiskPatience patience_;
  Position position_;
  SegmentView* current_ = nullptr;  // where the last record came from
  bool final_ = false;              // the catalog was read after the last change
  bool ended_ = false;
};

}  // namespace tributary
