#pragma once

#include <string>

#include "core/condition/condition_context.h"
#include "schema/snapshot_generated.h"

// Does a condition of a snapshot hold? Part of the evaluator: a pure function of condition, visitor, state and clock.
//
// An unknown value (no geo data, no such parameter) is none of the accepted ones, unless the empty text is accepted: so
// it fails a condition, and IS NOT holds.
namespace tributary {

// Why a condition came out as it did.
enum class ConditionMatch : std::uint8_t {
  value,    // it is one of the accepted values
  mask,     // a mask covers it
  regex,    // a regular expression finds itself in it
  range,    // it is inside a range: addresses, numbers, versions, hours, dates
  absent,   // there is no value, and that is accepted
  none,     // there is a value, and it is not accepted
  unknown,  // there is no value, and that is not accepted
};
std::string_view condition_match_name(ConditionMatch match) noexcept;

// The condition is verified. Allocates nothing, except when a regular expression is compiled for the first time.
bool holds(const fbs::Condition& condition, ConditionContext& context) noexcept;

// The first condition that does not hold, or nullptr: all must.
using Conditions = flatbuffers::Vector<flatbuffers::Offset<fbs::Condition>>;
const fbs::Condition* first_failing(const Conditions* conditions, ConditionContext& context) noexcept;

// The same decision, with what explain shows of it.
struct ConditionTrace {
  bool holds = false;
  ConditionMatch match = ConditionMatch::unknown;
  bool known = false;
  std::string seen;  // empty: there is no value
};
ConditionTrace trace(const fbs::Condition& condition, ConditionContext& context);

}  // namespace tributary
