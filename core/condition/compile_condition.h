#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/condition/address.h"
#include "core/condition/kinds.h"
#include "core/condition/model_condition.h"
#include "core/condition/ranges.h"

namespace tributary {

// What can be decided before a click comes: the content of an fbs::Condition, or of an fbs::Cap for click_limit.
struct CompiledCondition {
  ConditionKind kind{};
  bool negated = false;
  std::string argument;     // parameter; header, in lower case
  std::uint8_t number = 0;  // sub_id: 1 to 30; unique: UniqueFlag; click_limit: fbs::Period
  bool accepts_absent = false;
  std::vector<std::string> values;  // in lower case, sorted, each once
  std::vector<std::string> masks;   // in lower case
  std::vector<std::string> regexes;
  std::size_t work = 0;  // instructions that expressions and masks take for a byte of the text, at most
  std::vector<NumberRange<std::uint64_t>> ranges;  // sorted, merged
  std::vector<NumberRange<WideNumber>> wide_ranges;
  std::uint32_t bits = 0;
  std::int64_t limit = 0;  // click_limit
  std::string zone;        // empty: UTC; exists
};

struct ConditionProblem {
  std::string field;   // "kind", "argument", "accepted", "accepted[5]"
  std::string reason;  // what to do about it
};

// Appends everything that is wrong to `problems`; what it returns is of use only when nothing is.
CompiledCondition compile_condition(const model::Condition& condition, std::vector<ConditionProblem>& problems);

}  // namespace tributary
