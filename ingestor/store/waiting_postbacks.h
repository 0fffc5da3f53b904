#pragma once

#include <vector>

#include "ingestor/conversion/fold.h"
#include "platform/postgres/connection.h"

// Postbacks that name a click by its caller's id, while no such click is stored: rows of events.waiting_postbacks.
namespace tributary::ingest {

// Looks for the clicks, after those of the batch are stored. Found: the postback becomes a fact. Not found: it waits,
// is looked at ever more rarely, and after 24 hours its click is unknown. Of clicks in several campaigns the latest
// before the call counts, because a call names no campaign.
void resolve_external_postbacks(Connection& connection, std::vector<ExternalPostback> postbacks,
                                std::vector<PostbackFact>& facts);

bool any_waiting_postback_is_due(Connection& connection);

// At most a thousand.
std::vector<RowIdentity> due_waiting_postbacks(Connection& connection);

// Takes them out of the table, in the transaction of the caller; another process passes them by, as this one does what
// another has taken.
std::vector<ExternalPostback> take_waiting_postbacks(Connection& connection, const std::vector<RowIdentity>& due);

// Of one that PostgreSQL refuses, in a transaction of its own: it is tried again, and after five times it becomes a
// dead letter with that reason.
void refuse_waiting_postback(Connection& connection, const RowIdentity& identity, const std::string& reason);

}  // namespace tributary::ingest
