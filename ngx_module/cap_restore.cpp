#include "ngx_module/cap_restore.h"

#include <algorithm>
#include <map>

#include "core/base/clock.h"
#include "core/journal/journal_look.h"
#include "core/journal/journal_reader.h"
#include "core/journal/names.h"
#include "core/request/tracking_in_query.h"
#include "core/routing/cap_replay.h"
#include "core/state/cap_history.h"
#include "core/state/shared_state.h"

namespace tributary {
namespace {

constexpr std::string_view kClosed = "caps stay closed: ";

std::string closed_because(std::string why) {
  return std::string(kClosed) + std::move(why);
}

std::string journal_problem(JournalLook look, const JournalId& id) {
  switch (look) {
    case JournalLook::unsettled:
      return closed_because("journal " + journal_id_text(id) + " is not written to its end yet");
    case JournalLook::released:
      return closed_because("journal " + journal_id_text(id) + " was stored and removed behind the totals");
    default: return {};
  }
}

void add_item(const JournalItem& item, const CapReplay& replay, CapHistory& history) {
  if (item.kind != JournalItem::Kind::record) return;
  auto event = decode_event(item.bytes);
  if (!event) return;
  complete_tracking(*event);
  if (const auto* click = std::get_if<Click>(&event->payload)) replay.add(event->header, *click, history);
  if (const auto* next = std::get_if<LanderClick>(&event->payload)) replay.add(event->header, *next, history);
}

}  // namespace

std::string CapRestore::restore(const CapTotals& totals, SharedState& state) {
  if (state.caps().known() || state.caps().life() != totals.life) return {};
  const auto snapshot = SnapshotView::load(run_path_ + "/snapshots", unpack_generation(state.published()), true);
  if (!snapshot) return closed_because("no configuration: " + snapshot.error().message);
  CapHistory history;
  for (const CapTotal& total : totals.totals) history.add(total.slot, total.window, total.count);
  const CapReplay replay(**snapshot);
  replay.add(totals.values, history);
  if (auto problem = add_journals(totals, replay, history); !problem.empty()) return problem;
  if (!history.restore_values(state.cap_values(), wall_clock_ms())) {
    return closed_because("tributary_cap_values has no room for their values of sub ids: make it larger");
  }
  switch (state.caps().restore(totals.life, history.words())) {
    case CapRestored::restored: return "caps are open again";
    case CapRestored::no_slot: return closed_because("more of them than tributary_caps has slots for");
    default: return {};
  }
}

std::string CapRestore::add_journals(const CapTotals& totals, const CapReplay& replay, CapHistory& history) {
  if (journal_path_.empty()) return {};
  std::map<JournalId, Position> stored;
  for (const JournalProgress& progress : totals.progress) stored[progress.journal] = progress.position;
  std::set<JournalId> present;
  for (const JournalInfo& journal : list_journals(journal_path_, run_path_).journals) {
    present.insert(journal.id);
    const auto progress = stored.find(journal.id);
    const Position from = progress == stored.end() ? journal.first : progress->second;
    if (from == kStoredToItsEnd) continue;
    const JournalLook look = look_at_journal(journal_path_, run_path_, journal.id, from,
                                             [&](const JournalItem& item) { add_item(item, replay, history); });
    if (auto problem = journal_problem(look, journal.id); !problem.empty()) return problem;
  }
  return look_for(totals, present);
}

// A journal that was removed after its progress was read may have held clicks behind it. One that was gone already when
// totals came before had none: these totals are younger.
std::string CapRestore::look_for(const CapTotals& totals, const std::set<JournalId>& present) {
  std::set<JournalId> missing;
  for (const JournalProgress& progress : totals.progress) {
    if (progress.position == 0 || progress.position == kStoredToItsEnd) continue;
    if (!present.contains(progress.journal)) missing.insert(progress.journal);
  }
  const auto fresh =
      std::find_if(missing.begin(), missing.end(), [&](const auto& id) { return !missing_.contains(id); });
  std::string problem;
  if (fresh != missing.end()) problem = closed_because("journal " + journal_id_text(*fresh) + " is gone: totals again");
  missing_ = std::move(missing);
  return problem;
}

}  // namespace tributary
