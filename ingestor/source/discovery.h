#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/journal/directory_id.h"
#include "ingestor/settings.h"
#include "ingestor/source/journal_source.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// Looks for journals in the directories, live ones and those of dead workers, takes the reader lock and the ownership
// of their progress, and hands them to the source. Belongs to the thread of `connection`.
class Discovery {
 public:
  Discovery(const IngestorSettings& settings, Connection& connection, JournalSource& source, std::string owner_name);

  // Returns how many journals lost their files before they were stored.
  std::size_t scan();

 private:
  Result<std::unique_ptr<JournalReader>, JournalError> open(const JournalId& id, Position from) const;
  void take(const JournalInfo& info);
  void finish_ended();
  std::size_t drop_vanished(const std::map<JournalId, std::uint32_t>& known, const std::set<JournalId>& listed);

  const IngestorSettings& settings_;
  Connection& connection_;
  JournalSource& source_;
  std::string owner_name_;
  std::optional<DirectoryId> directory_;
  std::map<JournalId, std::uint32_t> taken_;  // and their numbers
  std::set<std::string> complained_;          // one log line per problem
};

}  // namespace tributary::ingest
