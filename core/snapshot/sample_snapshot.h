#pragma once

#include <cstdint>
#include <string>

#include "core/snapshot/model.h"

// Made-up configurations for tests, fuzzers and benchmarks.
namespace tributary {

struct SampleOptions {
  std::uint32_t campaigns = 3;
  std::uint32_t destinations_per_campaign = 2;  // each of its own; weights 70, 30, 30 ...
  std::uint32_t networks = 1;                   // keys "network1" ..., secret "secret"
  Generation generation{1, 1};
  std::string host{};  // of every campaign; empty: any
  std::string target = "https://offers.example";
};

// Campaigns 1 to n with slugs "c1" to "cn"; campaign n has stream n with rotation slot n - 1 and destinations
// n * 10, n * 10 + 1, ...; click key 0.
model::Snapshot sample_snapshot(const SampleOptions& options);

// Gives the first campaign one condition of every form, a click limit, landers, and destinations with a schedule, caps
// and an overflow. Needs two destinations.
void add_sample_rules(model::Snapshot& snapshot);

}  // namespace tributary
