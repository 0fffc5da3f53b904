#pragma once

#include <cstdint>
#include <optional>

#include "admin-api/db/pool.h"
#include "core/base/generation.h"
#include "core/state/overlay.h"

namespace tributary::admin {

// What an edge says of its caps: docs/state.md, "Caps after a reboot".
struct CapRequest {
  std::uint64_t life = 0;  // of its state file
  Generation serves;       // whose caps it would open
};

// What the caps of an edge had counted, and up to where in its journals. Nothing while the edge serves another
// configuration than the newest: it could not tell which clicks behind the totals a cap of the newest has counted.
std::optional<CapTotals> read_cap_totals(ConnectionPool& pool, int edge, const CapRequest& request);

}  // namespace tributary::admin
