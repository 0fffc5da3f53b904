#pragma once

#include <string_view>
#include <unordered_set>

#include "schema/snapshot_generated.h"

namespace tributary {

// Checks the meaning of conditions, caps, schedules and zones of a file whose structure is sound. Each says what is
// wrong, and nothing when all is well. Conditions and zones are shared by many records: each is looked at once.
class RuleVerifier {
 public:
  explicit RuleVerifier(std::uint32_t cap_slots) : cap_slots_(cap_slots) {}

  std::string_view conditions(const flatbuffers::Vector<flatbuffers::Offset<fbs::Condition>>* conditions);
  std::string_view caps(const flatbuffers::Vector<flatbuffers::Offset<fbs::Cap>>* caps);
  std::string_view schedules(const flatbuffers::Vector<flatbuffers::Offset<fbs::Schedule>>* schedules);

  std::string_view condition(const fbs::Condition& condition);
  std::string_view zone(const fbs::Zone* zone);

 private:
  std::uint32_t cap_slots_;
  std::unordered_set<const void*> known_;
};

}  // namespace tributary
