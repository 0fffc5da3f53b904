#include "core/snapshot/rule_verifier.h"

#include <algorithm>

#include "core/base/plain_text.h"
#include "core/condition/address.h"
#include "core/condition/kinds.h"
#include "core/condition/limits.h"
#include "core/event/event.h"
#include "core/snapshot/format.h"
#include "core/snapshot/index_verifier.h"
#include "core/snapshot/snapshot_layer.h"
#include "core/state/cap_word.h"
#include "core/time_zone/local_time.h"

namespace tributary {
namespace {

using Texts = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

template <typename T>
std::size_t size_of(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

// The library checks where a vector of structs begins, not that its elements are aligned.
template <typename T>
bool aligned(const flatbuffers::Vector<const T*>* rows) {
  return size_of(rows) == 0 || reinterpret_cast<std::uintptr_t>(rows->Data()) % alignof(T) == 0;
}

bool plain_texts(const Texts* texts, std::size_t most, std::size_t max_length) {
  return size_of(texts) <= most &&
         (texts == nullptr || std::all_of(texts->begin(), texts->end(), [&](const flatbuffers::String* text) {
            return text->size() > 0 && is_plain_text(text_of(text), max_length);
          }));
}

bool argument_fits(const fbs::Condition& condition, ConditionArgument wanted) {
  const std::string_view argument = text_of(condition.argument());
  const std::uint8_t number = condition.number();
  switch (wanted) {
    case ConditionArgument::parameter:
    case ConditionArgument::header: return !argument.empty() && is_plain_text(argument, kMaxConditionArgument);
    case ConditionArgument::sub_id: return number >= 1 && number <= kSubIdCount;
    case ConditionArgument::scope:
      return number == kUniqueStream || number == kUniqueCampaign || number == kUniqueGlobal;
    default: return argument.empty();
  }
}

// Every value is found under itself, and nothing but lower case is in there.
bool values_found(const fbs::Condition& condition) {
  if (!index_problem(condition.value_index(), size_of(condition.values())).empty()) {
    return false;
  }
  for (std::uint32_t i = 0; i < size_of(condition.values()); ++i) {
    const std::string_view value = text_of(condition.values()->Get(i));
    if (index_of(condition.value_index()).find(text_hash(value), [&](std::uint32_t at) { return at == i + 1; }) == 0) {
      return false;
    }
  }
  return true;
}

// Sorted, each the right way round, none touching the next.
template <typename Ranges, typename Number>
bool sorted(const Ranges* ranges, Number&& number) {
  for (std::uint32_t i = 0; i < size_of(ranges); ++i) {
    const auto first = number(ranges->Get(i)->first());
    if (first > number(ranges->Get(i)->last()) || (i > 0 && first <= number(ranges->Get(i - 1)->last()))) {
      return false;
    }
  }
  return size_of(ranges) <= 2 * kMaxAcceptedValues;  // hours over midnight are two
}

bool texts_fit(const fbs::Condition& condition) {
  constexpr std::size_t kStars = 2;  // around a part of a long text
  return plain_texts(condition.values(), kMaxAcceptedValues, kMaxAcceptedText) &&
         plain_texts(condition.masks(), kMaxMasks, kMaxAcceptedText + kStars) &&
         plain_texts(condition.regexes(), kMaxRegexes, kMaxAcceptedText);
}

}  // namespace

std::string_view RuleVerifier::conditions(const flatbuffers::Vector<flatbuffers::Offset<fbs::Condition>>* conditions) {
  if (size_of(conditions) > kMaxStreamConditions) {
    return "it has too many conditions";
  }
  std::string_view problem;
  for (std::uint32_t i = 0; i < size_of(conditions) && problem.empty(); ++i) {
    const fbs::Condition* item = conditions->Get(i);
    problem = known_.insert(item).second ? condition(*item) : std::string_view();
  }
  return problem;
}

std::string_view RuleVerifier::condition(const fbs::Condition& condition) {
  const ConditionKindInfo* kind = find_condition_kind(condition.kind());
  if (kind == nullptr || kind->form == ValueForm::limit) {
    return "a condition is of a kind that is not known";
  }
  if (!argument_fits(condition, kind->argument)) {
    return "a condition has an argument that is out of range";
  }
  if (!aligned(condition.ranges()) || !aligned(condition.wide_ranges())) {
    return "the ranges of a condition are not aligned";
  }
  if (!texts_fit(condition)) {
    return "a condition has texts that are too many, too long, empty, or have control characters";
  }
  if (!values_found(condition)) {
    return "the index of a condition does not find its values";
  }
  const auto wide = [](const fbs::Uuid& half) { return WideNumber{half.high()} << 64 | half.low(); };
  if (!sorted(condition.ranges(), [](std::uint64_t number) { return number; }) ||
      !sorted(condition.wide_ranges(), wide)) {
    return "the ranges of a condition are not sorted, or too many";
  }
  return zone(condition.zone());
}

std::string_view RuleVerifier::caps(const flatbuffers::Vector<flatbuffers::Offset<fbs::Cap>>* caps) {
  if (size_of(caps) > kMaxStreamConditions) {
    return "it has too many caps";
  }
  for (std::uint32_t i = 0; i < size_of(caps); ++i) {
    const fbs::Cap* cap = caps->Get(i);
    const bool known = cap->measure() >= fbs::CapMeasure::Clicks && cap->measure() <= fbs::CapMeasure::Revenue &&
                       cap->period() >= fbs::Period::Hour && cap->period() <= fbs::Period::Total;
    if (cap->per() > kSubIdCount || (cap->per() != 0 && cap->measure() != fbs::CapMeasure::Clicks)) {
      return "a cap counts per sub id what is not counted so, or names a sub id that does not exist";
    }
    if (!known || cap->slot() >= cap_slots_ || cap->turn() >= kCapTurns || cap->amount() < 0 ||
        !is_plain_text(text_of(cap->currency()), 3)) {
      return "a cap has a slot that does not exist, or something else is out of range";
    }
    if (const auto problem = zone(cap->zone()); !problem.empty()) {
      return problem;
    }
  }
  return {};
}

std::string_view RuleVerifier::schedules(const flatbuffers::Vector<flatbuffers::Offset<fbs::Schedule>>* schedules) {
  if (size_of(schedules) > kMaxDestinationSchedules) {
    return "it has too many schedules";
  }
  for (std::uint32_t i = 0; i < size_of(schedules); ++i) {
    const fbs::Schedule* schedule = schedules->Get(i);
    if (schedule->weekdays() > 0x7f || schedule->opens_s() >= kSecondsPerDay || schedule->closes_s() > kSecondsPerDay) {
      return "a schedule has weekdays or hours that are out of range";
    }
    if (const auto problem = zone(schedule->zone()); !problem.empty()) {
      return problem;
    }
  }
  return {};
}

std::string_view RuleVerifier::zone(const fbs::Zone* zone) {
  if (zone == nullptr || !known_.insert(zone).second) {
    return {};
  }
  const auto& offsets = *zone->offsets();
  if (!is_plain_text(text_of(zone->name()), kMaxConditionArgument) || offsets.size() == 0 || !aligned(&offsets) ||
      offsets.size() > kMaxZoneOffsets) {
    return "a time zone has no name that fits, or its offsets are none, too many or not aligned";
  }
  for (std::uint32_t i = 0; i < offsets.size(); ++i) {
    const fbs::ZoneOffset* offset = offsets.Get(i);
    if (std::abs(std::int64_t{offset->offset_s()}) > kMaxZoneOffset_s ||
        (i > 0 && offset->since_s() <= offsets.Get(i - 1)->since_s())) {
      return "the offsets of a time zone are not sorted or out of range";
    }
  }
  return {};
}

}  // namespace tributary
