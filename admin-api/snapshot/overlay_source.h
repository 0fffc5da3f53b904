#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "admin-api/db/pool.h"
#include "admin-api/db/scoped_transaction.h"
#include "core/base/generation.h"
#include "core/state/overlay.h"

namespace tributary::admin {

// The overlay as edges shall have it (core/state/overlay.h).
struct BuiltOverlay {
  Generation version;
  std::shared_ptr<const std::vector<std::uint8_t>> bytes;
  std::string sha256;  // 32 bytes, of the bytes
  Overlay facts;       // what the bytes say
};

// Reads the facts and gives them a version: facts that differ from those before get the next one, the same facts keep
// theirs, whichever admin-api on this database reads them.
BuiltOverlay read_overlay_facts(ConnectionPool& pool);

// The same version of the overlay for an edge that asked for the totals of its caps.
BuiltOverlay with_cap_totals(const BuiltOverlay& built, CapTotals totals);

// What the next overlay will say of destinations; nothing is written.
std::vector<DestinationFacts> current_destination_facts(ScopedTransaction& transaction);

// An edge has a later version than ours: the database was restored or made anew. The next one is above it.
void raise_overlay_version(ConnectionPool& pool, std::uint64_t counter);

}  // namespace tributary::admin
