#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/journal/segment_view.h"

namespace tributary {

// The segments of one journal that are in the directory now, ordered by first position, and the open views of those
// that are read at present. A file that cannot be a segment is set aside with its reason and not looked at again.
class SegmentCatalog {
 public:
  struct Entry {
    SegmentName name;
    std::string path;
    SegmentProblem problem = SegmentProblem::none;
    std::unique_ptr<SegmentView> view;
  };

  SegmentCatalog(std::string journal_path, const JournalId& id);

  // Looks at the directory again; keeps the views. Returns 0 or an errno.
  int rescan();

  // The views in which `position` lies, the newest file first: of two segments that hold it the later one was written
  // because the earlier was suspect or its writer died. Closes the others before it.
  std::vector<SegmentView*> views_at(Position position);

  // Where the next segment behind `position` begins.
  std::optional<Position> first_after(Position position);

  // A segment could not be opened for want of descriptors or memory: what is missing is not missing on disk. Cleared by
  // the call.
  bool take_stalled() noexcept { return std::exchange(stalled_, false); }

  const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  SegmentView* view_of(Entry& entry);

  std::string journal_path_;
  JournalId id_;
  std::vector<Entry> entries_;
  bool stalled_ = false;
};

}  // namespace tributary
