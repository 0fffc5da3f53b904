#pragma once

#include <cstdint>

#include "core/state/cap_table.h"

namespace tributary {

class JsonWriter;

// Whether the caps of this edge know what was counted before their state file was made.
struct CapReport {
  bool known = false;
  std::uint64_t life = 0;  // names the state file when totals are asked for
  std::uint32_t slots = 0;
};

CapReport cap_report(const CapTable& caps) noexcept;

// The member "caps" of an object that is being written.
void write_caps(JsonWriter& json, const CapReport& caps);

}  // namespace tributary
