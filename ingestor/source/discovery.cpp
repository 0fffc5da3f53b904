#include "ingestor/source/discovery.h"

#include "ingestor/store/progress.h"
#include "platform/log/log.h"

namespace tributary::ingest {

Discovery::Discovery(const IngestorSettings& settings, Connection& connection, JournalSource& source,
                     std::string owner_name)
    : settings_(settings), connection_(connection), source_(source), owner_name_(std::move(owner_name)) {}

void Discovery::scan() {
  const JournalListing listing = list_journals(settings_.journal_path, settings_.run_path);
  for (const std::string& ignored : listing.ignored) {
    if (complained_.insert(ignored).second) log::warning("not a readable journal", {{"file", ignored}});
  }
  std::set<JournalId> listed;
  for (const JournalInfo& info : listing.journals) {
    listed.insert(info.id);
    if (!taken_.contains(info.id)) take(info);
  }
  finish_vanished(listed);
}

// The lock comes first: only who holds it may call the owner that PostgreSQL names stale. The first opening is for the
// lock alone; where to read from is known after the claim.
void Discovery::take(const JournalInfo& info) {
  auto locked = JournalReader::open(settings_.journal_path, settings_.run_path, info.id, info.first);
  if (!locked) {
    if (complained_.insert(locked.error().message).second) {
      log::warning("a journal cannot be read now", {{"error", locked.error().message}});
    }
    return;
  }
  const Claim claim = claim_journal(connection_, info, owner_name_);
  if (claim.next != info.first) {
    locked->reset();  // gives the lock back for a moment; the claim keeps everybody else's progress from moving
    locked = JournalReader::open(settings_.journal_path, settings_.run_path, info.id, claim.next);
    if (!locked) return;
  }
  log::info("reading a journal",
            {{"journal", claim.journal.number}, {"edge", info.edge}, {"slot", info.slot}, {"from", claim.next}});
  taken_.emplace(info.id, claim.journal.number);
  source_.adopt(claim.journal, std::move(*locked));
}

void Discovery::finish_vanished(const std::set<JournalId>& listed) {
  for (auto journal = taken_.begin(); journal != taken_.end();) {
    if (listed.contains(journal->first)) {
      ++journal;
      continue;
    }
    finish_journal(connection_, journal->second);
    log::info("a journal is finished", {{"journal", journal->second}});
    source_.drop(journal->second);
    journal = taken_.erase(journal);
  }
}

}  // namespace tributary::ingest
