#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <system_error>

#include "core/journal/directory_id.h"
#include "core/journal/directory_names.h"
#include "core/journal/journal_reader.h"
#include "core/journal/names.h"
#include "core/journal/ring.h"
#include "core/journal/segment_view.h"

namespace tributary {
namespace {

class Listing {
 public:
  void add_rings(const std::string& run_path) {
    for (const std::string& name : names_in(run_path)) {
      if (!name.ends_with(".ring")) continue;  // slots, state and snapshots live there too
      std::string path = join_path(run_path, name);
      auto id = parse_journal_id(std::string_view(name).substr(0, name.size() - strlen(".ring")));
      auto ring = Ring::open(path);
      if (!id) {
        ignore(path, "has no journal's name");
      } else if (!ring || ring->identity().id != *id) {
        ignore(path, "is not a ring of this version");
        found(*id);
      } else {
        static_cast<JournalIdentity&>(found(*id)) = ring->identity();
      }
    }
  }

  void add_segments(const std::string& journal_path) {
    for (const std::string& name : names_in(journal_path)) {
      std::string path = join_path(journal_path, name);
      if (auto segment = parse_segment_name(name)) {
        add_segment(path, *segment);
      } else if (name.ends_with(".tmp")) {
        // Left by a life that died before its first segment had a name.
        if (auto id = parse_journal_id(std::string_view(name).substr(0, kJournalIdTextSize))) found(*id);
      } else if (!name.ends_with(".reader") && !name.ends_with(".slot") &&  // numbers of workers are anchored here
                 !name.starts_with(kDirectoryIdName)) {
        ignore(path, "has no journal's name");
      }
    }
  }

  JournalListing take() {
    for (auto& [id, info] : journals_) listing_.journals.push_back(info);
    return std::move(listing_);
  }

 private:
  // Names come sorted, so the first sound segment of a journal is its oldest; the others are not opened.
  void add_segment(const std::string& path, const SegmentName& name) {
    if (with_segments_.contains(name.id)) return;
    SegmentProblem problem{};
    auto view = SegmentView::open(path, name, problem);
    if (view == nullptr) {
      if (problem != SegmentProblem::vanished) ignore(path, segment_problem_text(problem));
      if (problem != SegmentProblem::transient) return;
    }
    JournalInfo& info = found(name.id);
    info.first = name.first;
    with_segments_.insert(name.id);
    if (view != nullptr && view->header()) static_cast<JournalIdentity&>(info) = view->header()->identity;
  }

  std::vector<std::string> names_in(const std::string& path) {
    std::vector<std::string> names;
    int error = list_directory(path, names);
    if (error != 0) {
      ignore(path, std::system_category().message(error));
      listing_.whole = false;
    }
    return names;
  }

  JournalInfo& found(const JournalId& id) {
    JournalInfo& info = journals_[id];
    info.id = id;
    return info;
  }

  void ignore(const std::string& path, const std::string& reason) { listing_.ignored.push_back(path + ": " + reason); }

  std::map<JournalId, JournalInfo> journals_;
  std::set<JournalId> with_segments_;
  JournalListing listing_;
};

}  // namespace

// Rings first: a journal that begins meanwhile has its ring before its first segment.
JournalListing list_journals(const std::string& journal_path, const std::string& run_path) {
  Listing listing;
  listing.add_rings(run_path);
  listing.add_segments(journal_path);
  return listing.take();
}

}  // namespace tributary
