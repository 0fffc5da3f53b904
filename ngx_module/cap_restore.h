#pragma once

#include <set>
#include <string>

#include "core/state/overlay.h"

namespace tributary {

class CapHistory;
class CapReplay;
class SharedState;

// Opens the caps of a new state file: totals from admin-api and what the journals hold behind them. DOC: docs/state.md
//
// Belongs to the thread of a publication.
class CapRestore {
 public:
  // `journal_path` is empty where nothing is journalled.
  CapRestore(std::string run_path, std::string journal_path)
      : run_path_(std::move(run_path)), journal_path_(std::move(journal_path)) {}

  // What became of it, for the log and for admin-api; empty when there was nothing to do.
  std::string restore(const CapTotals& totals, SharedState& state);

 private:
  std::string add_journals(const CapTotals& totals, const CapReplay& replay, CapHistory& history);
  std::string look_for(const CapTotals& totals, const std::set<JournalId>& present);

  std::string run_path_;
  std::string journal_path_;
  std::set<JournalId> missing_;  // that the totals before named, too
};

}  // namespace tributary
