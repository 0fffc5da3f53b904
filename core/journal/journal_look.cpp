#include "core/journal/journal_look.h"

#include <unistd.h>

#include <algorithm>

#include "core/journal/journal_stream.h"
#include "core/journal/lock_probe.h"
#include "core/journal/names.h"

namespace tributary {
namespace {

bool begins_by(SegmentCatalog& catalog, Position from) {
  return !catalog.entries().empty() && catalog.entries().front().name.first <= from;
}

bool is_being_written(SegmentCatalog& catalog) {
  const auto& entries = catalog.entries();
  return std::any_of(entries.begin(), entries.end(), [](const auto& entry) { return is_locked(entry.path); });
}

}  // namespace

JournalLook look_at_journal(const std::string& journal_path, const std::string& run_path, const JournalId& id,
                            Position from, const std::function<void(const JournalItem&)>& use) {
  const std::string ring = join_path(run_path, ring_name(id));
  if (::access(ring.c_str(), F_OK) == 0) {
    return is_locked(ring) ? JournalLook::live : JournalLook::unsettled;
  }
  JournalStream stream(journal_path, id, from);
  if (is_being_written(stream.catalog())) {
    return JournalLook::unsettled;
  }
  if (!begins_by(stream.catalog(), from)) {
    return JournalLook::released;
  }
  while (const auto item = stream.next(JournalStream::kNoLimit)) {
    use(*item);
  }
  if (!stream.ended()) {
    return JournalLook::unsettled;
  }
  // What was removed while it was read shows as a gap: nothing was missed only if the beginning is still there.
  stream.drop_view();
  if (stream.catalog().rescan() != 0) {
    return JournalLook::unsettled;
  }
  return begins_by(stream.catalog(), from) ? JournalLook::whole : JournalLook::released;
}

}  // namespace tributary
