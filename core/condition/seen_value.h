#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/condition/address.h"
#include "core/condition/condition_context.h"
#include "core/condition/limits.h"
#include "schema/snapshot_generated.h"

namespace tributary {

// What a condition is asked of: the value of its kind for this visitor, at this time. The views point into the visitor,
// or into `buffer`: do not copy it.
struct SeenValue {
  SeenValue() noexcept {}  // leaves the buffer as it is: a click clears no kilobytes
  SeenValue(const SeenValue&) = delete;
  SeenValue& operator=(const SeenValue&) = delete;

  bool known = false;
  std::string_view text;          // not folded
  std::string_view broader_text;  // "en" of "en-US": is as good; may be empty
  std::uint64_t number = 0;
  bool has_number = false;
  AddressNumber address;
  std::array<char, kMaxAcceptedText> buffer;
};

// Asks the visitor only for what this condition needs.
void read_value(const fbs::Condition& condition, ConditionContext& context, SeenValue& value) noexcept;

// For a person: what explain shows. Empty when the value is not known.
std::string describe(const fbs::Condition& condition, const SeenValue& value);

}  // namespace tributary
