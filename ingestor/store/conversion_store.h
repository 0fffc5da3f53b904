#pragma once

#include <cstdint>
#include <vector>

#include "ingestor/commission/settlement.h"
#include "ingestor/conversion/fold.h"
#include "ingestor/rollup/rollup.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// Merges the postbacks of one batch into events.conversions, within the open transaction: an INSERT of
// the keys that are new, then row locks on the others, both in key order; the fold; one UPDATE; the history;
// the outbound postbacks that follow. Adds (new − old) of every conversion to `rollup`, and what they earn and
// cost to `settlement`. Returns how many conversions were touched.
std::size_t merge_conversions(Connection& connection, std::int64_t batch, std::vector<PostbackFact>& facts,
                              Rollup& rollup, Settlement& settlement);

// The same for decisions on conversions that are there.
void decide_conversions(Connection& connection, std::int64_t batch, std::vector<PostbackFact>& decisions,
                        Rollup& rollup, Settlement& settlement);

}  // namespace tributary::ingest
