#include "core/condition/evaluate.h"

#include <algorithm>
#include <array>

#include "core/base/ascii.h"
#include "core/base/fbs_fields.h"
#include "core/condition/kinds.h"
#include "core/condition/limits.h"
#include "core/condition/mask.h"
#include "core/condition/ranges.h"
#include "core/condition/seen_value.h"

namespace tributary {
namespace {

using Texts = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

WideNumber wide(const fbs::Uuid& half) noexcept {
  return WideNumber{half.high()} << 64 | half.low();
}

bool in_numbers(const fbs::Condition& condition, std::uint64_t number) noexcept {
  const auto* ranges = condition.ranges();
  return ranges != nullptr && in_ranges(ranges->size(), number, [&](std::uint32_t i) {
           const fbs::Range* range = ranges->Get(i);
           return NumberRange<std::uint64_t>{range->first(), range->last()};
         });
}

bool in_addresses(const fbs::Condition& condition, WideNumber number) noexcept {
  const auto* ranges = condition.wide_ranges();
  return ranges != nullptr && in_ranges(ranges->size(), number, [&](std::uint32_t i) {
           const fbs::WideRange* range = ranges->Get(i);
           return NumberRange<WideNumber>{wide(range->first()), wide(range->last())};
         });
}

bool in_values(const fbs::Condition& condition, std::string_view folded) noexcept {
  return index_of(condition.value_index()).find(text_hash(folded), [&](std::uint32_t ordinal) {
    return text_of(condition.values()->Get(ordinal - 1)) == folded;
  }) != 0;
}

bool any_mask(const Texts* masks, std::string_view folded) noexcept {
  return masks != nullptr && std::any_of(masks->begin(), masks->end(), [&](const flatbuffers::String* mask) {
           return mask_matches(text_of(mask), folded);
         });
}

bool any_regex(const Texts* regexes, std::string_view text, RegexCache& cache) noexcept {
  return regexes != nullptr && std::any_of(regexes->begin(), regexes->end(), [&](const flatbuffers::String* pattern) {
           return cache.matches(text_of(pattern), text);
         });
}

// `none` when the text is not accepted.
ConditionMatch match_text(const fbs::Condition& condition, std::string_view text, RegexCache& cache) noexcept {
  std::array<char, kMaxMatchedText> memory;
  const std::string_view cut = text.substr(0, memory.size());
  std::transform(cut.begin(), cut.end(), memory.begin(), ascii::to_lower);
  const std::string_view folded(memory.data(), cut.size());
  if (text.size() <= kMaxAcceptedText && in_values(condition, folded)) {
    return ConditionMatch::value;
  }
  if (any_mask(condition.masks(), folded)) {
    return ConditionMatch::mask;
  }
  return any_regex(condition.regexes(), cut, cache) ? ConditionMatch::regex : ConditionMatch::none;
}

ConditionMatch match_texts(const fbs::Condition& condition, const SeenValue& value, RegexCache& cache) noexcept {
  const ConditionMatch match = match_text(condition, value.text, cache);
  if (match != ConditionMatch::none || value.broader_text.empty()) {
    return match;
  }
  return match_text(condition, value.broader_text, cache);
}

ConditionMatch when(bool matches, ConditionMatch how) noexcept {
  return matches ? how : ConditionMatch::none;
}

ConditionMatch match_value(const fbs::Condition& condition, ValueForm form, const SeenValue& value,
                           RegexCache& cache) noexcept {
  switch (form) {
    case ValueForm::device:
    case ValueForm::boolean:
    case ValueForm::weekday:
    case ValueForm::ip_version: return when((condition.bits() >> value.number & 1) != 0, ConditionMatch::value);
    case ValueForm::number:
    case ValueForm::clock:
    case ValueForm::moment: return when(in_numbers(condition, value.number), ConditionMatch::range);
    case ValueForm::address:
      return when(
          value.address.is_v4 ? in_numbers(condition, value.number) : in_addresses(condition, value.address.number),
          ConditionMatch::range);
    case ValueForm::version:
      return value.has_number && in_numbers(condition, value.number) ? ConditionMatch::range
                                                                     : match_texts(condition, value, cache);
    default: return match_texts(condition, value, cache);
  }
}

ConditionMatch match(const fbs::Condition& condition, ConditionContext& context, SeenValue& value) noexcept {
  const ConditionKindInfo* kind = find_condition_kind(condition.kind());
  read_value(condition, context, value);
  if (!value.known || kind == nullptr) {
    return condition.accepts_absent() ? ConditionMatch::absent : ConditionMatch::unknown;
  }
  return match_value(condition, kind->form, value, context.regexes);
}

bool accepted(ConditionMatch match) noexcept {
  return match != ConditionMatch::none && match != ConditionMatch::unknown;
}

}  // namespace

std::string_view condition_match_name(ConditionMatch match) noexcept {
  switch (match) {
    case ConditionMatch::value: return "value";
    case ConditionMatch::mask: return "mask";
    case ConditionMatch::regex: return "regex";
    case ConditionMatch::range: return "range";
    case ConditionMatch::absent: return "absent";
    case ConditionMatch::none: return "none";
    case ConditionMatch::unknown: return "unknown";
  }
  return {};
}

bool holds(const fbs::Condition& condition, ConditionContext& context) noexcept {
  SeenValue value;
  return accepted(match(condition, context, value)) != condition.negated();
}

const fbs::Condition* first_failing(const Conditions* conditions, ConditionContext& context) noexcept {
  if (conditions == nullptr) {
    return nullptr;
  }
  const auto failing = std::find_if(conditions->begin(), conditions->end(),
                                    [&](const fbs::Condition* condition) { return !holds(*condition, context); });
  return failing == conditions->end() ? nullptr : *failing;
}

ConditionTrace trace(const fbs::Condition& condition, ConditionContext& context) {
  SeenValue value;
  const ConditionMatch how = match(condition, context, value);
  return {accepted(how) != condition.negated(), how, value.known, describe(condition, value)};
}

}  // namespace tributary
