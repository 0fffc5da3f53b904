#pragma once

#include <cstdint>

#include "schema/snapshot_generated.h"

namespace tributary {

using Schedules = flatbuffers::Vector<flatbuffers::Offset<fbs::Schedule>>;

// From the opening (inclusive) to the closing (exclusive) on the clock of its zone. A schedule that crosses midnight
// belongs to the day on which it opens: its weekdays and dates are looked up there.
bool is_open(const fbs::Schedule& schedule, std::uint64_t now_ms) noexcept;

// Inside any of them. Without schedules it is always open.
bool is_open(const Schedules* schedules, std::uint64_t now_ms) noexcept;

}  // namespace tributary
