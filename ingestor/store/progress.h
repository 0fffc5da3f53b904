#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/journal/directory_id.h"
#include "core/journal/journal_reader.h"
#include "ingestor/batch/batch.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// Somebody else moved or owns a journal: what this process read may be stored already. Start again from the progress.
class Fenced : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Claim {
  JournalTicket journal;
  Position next = 0;  // where reading starts
};

// Makes this connection the owner of the journal's progress. Call it with the reader lock of the journal held: whatever
// connection is named as the owner is then stale, and is terminated, because a client that was stopped inside a COPY
// would keep its locks for ever. Waits for the end of what it was doing, so that `next` is final.
Claim claim_journal(Connection& connection, const JournalInfo& info, const std::string& owner_name,
                    const std::optional<DirectoryId>& directory);

// Moves the progress within the open transaction; Fenced when it is not where this process left it, or not ours.
void advance_journal(Connection& connection, const Advance& advance);

// The journal was read to its end and everything before `end` is stored: now its files may go. False when the progress
// is not there.
bool finish_journal(Connection& connection, std::uint32_t number, Position end);

// Journals of `directory` that are not finished: their files must be there.
std::map<JournalId, std::uint32_t> unfinished_journals(Connection& connection, const DirectoryId& directory);

// The files of the journal are gone. When it was not finished and records of it are known, what follows them is lost:
// an incident, and true.
bool report_vanished(Connection& connection, std::uint32_t number);

}  // namespace tributary::ingest
