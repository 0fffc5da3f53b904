#pragma once

#include "ingestor/conversion/fold.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {

// What a second call like this one does: as its event says, else its network.
DuplicatePolicy policy_of(const Postback& postback, const NetworkFacts& network);

// What the fold looks at, of a postback that counts.
PostbackFact fact_of(const EventHeader& header, const Postback& postback, const RowIdentity& identity, Owner owner,
                     ConversionKey key, const NetworkFacts& network);

}  // namespace tributary::ingest
