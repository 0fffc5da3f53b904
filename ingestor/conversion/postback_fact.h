#pragma once

#include "ingestor/conversion/fold.h"
#include "ingestor/events/rows.h"

namespace tributary::ingest {

// What the fold looks at, of a postback that counts.
PostbackFact fact_of(const EventHeader& header, const Postback& postback, const RowIdentity& identity, Owner owner,
                     ConversionKey key, bool back_to_sale);

}  // namespace tributary::ingest
