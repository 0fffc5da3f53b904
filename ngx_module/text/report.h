#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/generation.h"
#include "core/journal/journal.h"
#include "core/state/shared_state.h"
#include "ngx_module/text/cap_report.h"

namespace tributary {

struct WorkerReport {
  std::uint32_t slot = 0;
  std::uint64_t pid = 0;
  std::uint64_t started_s = 0;
  std::uint64_t generation = 0;  // packed
  std::uint64_t parked = 0;
  JournalStatus journal;
};

// One moment of this edge, as the status page and the metrics tell it.
struct EdgeReport {
  std::string_view edge;
  std::uint64_t number = 0;
  std::string_view version;
  std::string_view built_for;
  std::string_view problem;  // what the answering worker lacks; empty: nothing
  std::uint64_t now_s = 0;
  Generation published;
  Generation overlay;                      // its version; counter 0: none yet
  std::uint64_t overlay_destinations = 0;  // known by it
  std::vector<DestinationFacts> closed;    // some of those that take no visitors
  CapReport caps;
  std::vector<WorkerReport> workers;
  std::array<std::uint64_t, kCounterCount> counters{};
};

// JSON for a person.
std::string status_text(const EdgeReport& report);

// Prometheus text exposition, version 0.0.4.
std::string metrics_text(const EdgeReport& report);

}  // namespace tributary
