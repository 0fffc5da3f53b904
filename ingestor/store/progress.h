#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

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
Claim claim_journal(Connection& connection, const JournalInfo& info, const std::string& owner_name);

// Moves the progress within the open transaction; Fenced when it is not where this process left it, or not ours.
void advance_journal(Connection& connection, const Advance& advance);

// The journal was read to its end and its files are gone.
void finish_journal(Connection& connection, std::uint32_t number);

}  // namespace tributary::ingest
