#pragma once

#include <cstdint>

#include "platform/postgres/connection.h"

namespace tributary::ingest {

struct SweepResult {
  std::uint64_t attributed = 0;
  std::uint64_t unattributed = 0;
};

// The click says whose it is, whoever reported its conversion.
// Conversions that came before the row of their click: those whose click is there now get its stream, destination,
// source and link; the others are looked at again, ever more rarely, and after 24 hours stay unattributed. No rollup
// moves, because a conversion counts at once by what the click id says. What is settled has its outbound postbacks
// queued and its commission booked in the same transaction.
SweepResult sweep_conversions(Connection& connection);

}  // namespace tributary::ingest
