#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "schema/snapshot_generated.h"

namespace tributary {

// What is wrong with the slots of an index over `records` records; empty when nothing is. `exists` says whether what a
// slot holds names a record.
template <typename Exists>
std::string_view index_problem(const flatbuffers::Vector<const fbs::IndexSlot*>* slots, std::size_t records,
                               Exists&& exists) {
  const std::size_t size = slots == nullptr ? 0 : slots->size();
  if (records == 0 && size == 0) {
    return {};
  }
  if (!std::has_single_bit(size) || size / 2 < records) {
    return "the slots are not a power of two and at least twice the records";
  }
  std::size_t used = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t record = slots->Get(i)->ordinal();
    if (record != 0 && !exists(record)) {
      return "a slot names a record that does not exist";
    }
    used += record != 0;
  }
  return used <= records ? std::string_view() : "more slots are used than there are records";
}

// The same where slots hold ordinals, counted from 1.
inline std::string_view index_problem(const flatbuffers::Vector<const fbs::IndexSlot*>* slots, std::size_t records) {
  return index_problem(slots, records, [records](std::uint32_t ordinal) { return ordinal <= records; });
}

}  // namespace tributary
