#include "ingestor/source/discovery.h"

#include "core/base/clock.h"
#include "core/journal/names.h"
#include "ingestor/store/progress.h"
#include "platform/log/log.h"

namespace tributary::ingest {

Discovery::Discovery(const IngestorSettings& settings, Connection& connection, JournalSource& source,
                     std::string owner_name)
    : settings_(settings),
      connection_(connection),
      source_(source),
      owner_name_(std::move(owner_name)),
      directory_(directory_id(settings.journal_path)) {
  if (directory_) return;
  log::warning(
      "no id of the directory can be read or made: journals that vanish while the ingestor is down go unnoticed",
      {{"setting", "journal.path"}, {"file", join_path(settings.journal_path, kDirectoryIdName)}});
}

// What PostgreSQL knows is asked first: a journal that another ingestor claims meanwhile is not missed in the listing.
std::size_t Discovery::scan() {
  finish_ended();
  auto known = directory_ ? unfinished_journals(connection_, *directory_) : taken_;
  known.insert(taken_.begin(), taken_.end());
  const JournalListing listing = list_journals(settings_.journal_path, settings_.run_path);
  for (const std::string& ignored : listing.ignored) {
    if (complained_.insert(ignored).second) log::warning("not a readable journal", {{"file", ignored}});
  }
  std::set<JournalId> listed;
  for (const JournalInfo& info : listing.journals) {
    listed.insert(info.id);
    if (!taken_.contains(info.id)) take(info);
  }
  return listing.whole ? drop_vanished(known, listed) : 0;
}

Result<std::unique_ptr<JournalReader>, JournalError> Discovery::open(const JournalId& id, Position from) const {
  return JournalReader::open(settings_.journal_path, settings_.run_path, id, from, posix_disk(), steady_clock_ms);
}

// The lock comes first: only who holds it may call the owner that PostgreSQL names stale. The first opening is for the
// lock alone; where to read from is known after the claim.
void Discovery::take(const JournalInfo& info) {
  auto locked = open(info.id, info.first);
  if (!locked) {
    if (complained_.insert(locked.error().message).second) {
      log::warning("a journal cannot be read now", {{"error", locked.error().message}});
    }
    return;
  }
  const Claim claim = claim_journal(connection_, info, owner_name_, directory_);
  if (claim.next != info.first) {
    locked->reset();  // gives the lock back for a moment; the claim keeps everybody else's progress from moving
    locked = open(info.id, claim.next);
    if (!locked) return;
  }
  log::info("reading a journal",
            {{"journal", claim.journal.number}, {"edge", info.edge}, {"slot", info.slot}, {"from", claim.next}});
  taken_.emplace(info.id, claim.journal.number);
  source_.adopt(claim.journal, std::move(*locked));
}

void Discovery::finish_ended() {
  for (const JournalSource::Ended& ended : source_.ended()) {
    if (!finish_journal(connection_, ended.number, ended.end)) continue;
    log::info("a journal is finished", {{"journal", ended.number}});
    source_.mark_finished(ended.number);
  }
}

std::size_t Discovery::drop_vanished(const std::map<JournalId, std::uint32_t>& known,
                                     const std::set<JournalId>& listed) {
  std::size_t lost = 0;
  for (const auto& [id, number] : known) {
    if (listed.contains(id)) continue;
    if (taken_.erase(id) != 0) source_.drop(number);
    if (!report_vanished(connection_, number)) continue;
    log::error("the files of a journal are gone before they were stored", {{"journal", number}});
    ++lost;
  }
  return lost;
}

}  // namespace tributary::ingest
