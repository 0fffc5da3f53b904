#pragma once

#include <cstdint>
#include <string>

#include "core/click_id/click_id.h"
#include "ingestor/owners/owner.h"

namespace tributary::ingest {

// A click whose id came from its caller, as events.external_clicks keeps it, and what it counts for if it is new.
struct ExternalClick {
  std::int32_t affiliate = 0;
  std::string id;  // unique for affiliate and campaign
  std::int64_t number = 0;
  ClickIdentity click;
  std::uint64_t time_us = 0;
  Owner owner;
  std::size_t row = 0;  // among the clicks of the batch
  std::uint32_t labels = 0;
  std::int64_t cost_micros = 0;
  std::string currency;
};

}  // namespace tributary::ingest
