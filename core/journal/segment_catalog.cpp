#include "core/journal/segment_catalog.h"

#include <algorithm>
#include <tuple>

#include "core/journal/directory_names.h"

namespace tributary {
namespace {

// Segments overlap only after a failed sync or a crash; no more than these hold one position.
constexpr std::size_t kMaxOverlap = 16;

bool before(const SegmentCatalog::Entry& a, const SegmentCatalog::Entry& b) noexcept {
  return std::tie(a.name.first, a.name.copy, a.path) < std::tie(b.name.first, b.name.copy, b.path);
}

}  // namespace

SegmentCatalog::SegmentCatalog(std::string journal_path, const JournalId& id)
    : journal_path_(std::move(journal_path)), id_(id) {}

int SegmentCatalog::rescan() {
  std::vector<std::string> names;
  int error = list_directory(journal_path_, names);
  if (error != 0) return error;
  std::vector<Entry> fresh;
  for (const std::string& text : names) {
    auto name = parse_segment_name(text);
    if (name && name->id == id_)
      fresh.push_back({*name, join_path(journal_path_, text), SegmentProblem::none, nullptr});
  }
  for (Entry& entry : fresh) {
    auto known = std::lower_bound(entries_.begin(), entries_.end(), entry, before);
    if (known == entries_.end() || known->path != entry.path) continue;
    // A name may come back for another file: the writer removes a suspect and begins again at the same position.
    if (known->view != nullptr && !known->view->is_at(entry.path)) continue;
    if (known->problem != SegmentProblem::vanished) entry.problem = known->problem;
    entry.view = std::move(known->view);
  }
  std::sort(fresh.begin(), fresh.end(), before);
  entries_ = std::move(fresh);
  return 0;
}

SegmentView* SegmentCatalog::view_of(Entry& entry) {
  if (entry.problem != SegmentProblem::none) return nullptr;
  if (entry.view == nullptr) {
    SegmentProblem problem = SegmentProblem::none;
    entry.view = SegmentView::open(entry.path, entry.name, problem);
    if (problem == SegmentProblem::transient) {
      stalled_ = true;
    } else {
      entry.problem = problem;
    }
  }
  return entry.view.get();
}

std::vector<SegmentView*> SegmentCatalog::views_at(Position position) {
  std::vector<SegmentView*> views;
  auto behind = std::upper_bound(entries_.begin(), entries_.end(), position,
                                 [](Position p, const Entry& entry) { return p < entry.name.first; });
  std::size_t looked_at = 0;
  for (auto entry = std::make_reverse_iterator(behind); entry != entries_.rend(); ++entry, ++looked_at) {
    if (looked_at >= kMaxOverlap) {
      entry->view.reset();
      continue;
    }
    SegmentView* view = view_of(*entry);
    if (view == nullptr) continue;
    if (view->contains(position)) {
      views.push_back(view);
    } else {
      entry->view.reset();
    }
  }
  return views;
}

std::optional<Position> SegmentCatalog::first_after(Position position) {
  for (Entry& entry : entries_) {
    if (entry.name.first > position && view_of(entry) != nullptr) return entry.name.first;
  }
  return std::nullopt;
}

}  // namespace tributary
