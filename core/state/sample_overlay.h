#pragma once

#include "core/state/overlay.h"

namespace tributary {

// An overlay with something in every field; for tests and the seed of the fuzz target.
inline Overlay sample_overlay() {
  Overlay overlay;
  overlay.version = {3, 42};
  overlay.created_ms = 1'800'000'000'000;
  overlay.destinations = {{1, kDestinationDown, 0, 0},
                          {7, kClosedConversions | kClosedPayout, -125'000, 5000, {20'000, 40'000, 0}},
                          {4'294'967'295, kClosedRevenue, 2'500'000, 1ull << 40}};
  CapTotals totals;
  totals.life = 0x0123'4567'89ab'cdef;
  totals.totals = {{0, 20'000, 17}, {16'777'215, 480'000, 4'294'967'295}};
  totals.progress = {{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 4096}, {{255, 254}, 1ull << 50}};
  totals.values = {{0xfedc'ba98'7654'3210, 3, 20'000, 17}, {1, 4, 480'000, 1'048'575}};
  overlay.cap_totals = totals;
  return overlay;
}

}  // namespace tributary
