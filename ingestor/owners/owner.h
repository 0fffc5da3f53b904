#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "ingestor/conversion/duplicate_policy.h"

namespace tributary::ingest {

using TeamId = std::array<std::uint8_t, 16>;  // all zero: unknown

// Who a campaign belongs to, and how wide its rollup buckets are.
struct Owner {
  TeamId team{};
  std::int32_t campaign = 0;
  std::int32_t advertiser = 0;
  std::int32_t bucket_minutes = 60;
  std::string currency;  // of a cost that names none
  friend bool operator==(const Owner&, const Owner&) = default;
};

struct NetworkFacts {
  TeamId team{};
  bool back_to_sale = false;
  bool payout_is_earned = false;  // a payout without a revenue is the revenue
  DuplicatePolicy duplicates = DuplicatePolicy::update;
  std::map<std::string, DuplicatePolicy, std::less<>> event_duplicates;  // by event in lower case, before `duplicates`
};

}  // namespace tributary::ingest
