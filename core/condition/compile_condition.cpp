#include "core/condition/compile_condition.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/ascii.h"
#include "core/base/plain_text.h"
#include "core/condition/accepted_value.h"
#include "core/condition/limits.h"
#include "core/event/event.h"
#include "core/time_zone/zone_offsets.h"

namespace tributary {
namespace {

struct Named {
  std::string_view name;
  std::uint8_t number;
};
constexpr Named kScopes[] = {{"stream", kUniqueStream}, {"campaign", kUniqueCampaign}, {"global", kUniqueGlobal}};
constexpr Named kPeriods[] = {{"hour", 1}, {"day", 2}, {"week", 3}, {"month", 4}, {"total", 5}};  // fbs::Period

// 0 when there is none of the name.
template <std::size_t kCount>
std::uint8_t number_of(const Named (&list)[kCount], std::string_view name) {
  const auto* found =
      std::find_if(std::begin(list), std::end(list), [&](const Named& item) { return item.name == name; });
  return found == std::end(list) ? 0 : found->number;
}

bool is_header_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

std::string set_zone(std::string_view zone, CompiledCondition& compiled) {
  if (!zone.empty() && !zone_exists(zone)) {
    return "\"" + std::string(zone) + "\" is not a time zone: give a name like Asia/Almaty";
  }
  compiled.zone = zone;
  return {};
}

std::string set_sub_id(std::string_view argument, CompiledCondition& compiled) {
  const auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), compiled.number);
  const bool ok = error == std::errc() && end == argument.data() + argument.size() && compiled.number >= 1 &&
                  compiled.number <= kSubIdCount;
  return ok ? std::string() : "must be the number of a sub id, from 1 to 30";
}

std::string set_scope(std::string_view argument, CompiledCondition& compiled) {
  compiled.number = number_of(kScopes, argument);
  return compiled.number != 0 ? std::string() : "must be campaign, stream or global";
}

std::string set_period(std::string_view argument, CompiledCondition& compiled) {
  const auto space = argument.find(' ');
  compiled.number = number_of(kPeriods, argument.substr(0, space));
  if (compiled.number == 0) {
    return "must be hour, day, week, month or total, and perhaps a time zone: \"day Europe/Berlin\"";
  }
  return set_zone(space == std::string_view::npos ? "" : argument.substr(space + 1), compiled);
}

std::string set_name(std::string_view argument, bool header, CompiledCondition& compiled) {
  if (argument.empty() || !is_plain_text(argument, kMaxConditionArgument) || (header && !is_header_name(argument))) {
    return header ? "must be the name of a header" : "must be the name of a parameter, of at most 64 bytes";
  }
  compiled.argument = argument;
  if (header) {
    std::transform(argument.begin(), argument.end(), compiled.argument.begin(), ascii::to_lower);
  }
  return {};
}

std::string set_argument(ConditionArgument wanted, std::string_view argument, CompiledCondition& compiled) {
  switch (wanted) {
    case ConditionArgument::none: return argument.empty() ? "" : "must be empty for this kind";
    case ConditionArgument::parameter: return set_name(argument, false, compiled);
    case ConditionArgument::header: return set_name(argument, true, compiled);
    case ConditionArgument::sub_id: return set_sub_id(argument, compiled);
    case ConditionArgument::scope: return set_scope(argument, compiled);
    case ConditionArgument::zone: return set_zone(argument, compiled);
    case ConditionArgument::period: return set_period(argument, compiled);
  }
  return {};
}

std::string add_one(ValueForm form, std::string_view text, CompiledCondition& compiled) {
  if (text.empty() && form != ValueForm::limit) {
    compiled.accepts_absent = true;
    return {};
  }
  if (!is_plain_text(text, kMaxAcceptedText)) {
    return "is longer than " + std::to_string(kMaxAcceptedText) + " bytes or has control characters";
  }
  return add_accepted(form, text, compiled);
}

void check_amounts(const model::Condition& condition, ValueForm form, const CompiledCondition& compiled,
                   std::vector<ConditionProblem>& problems) {
  const auto too_many = [&](std::string_view what, std::size_t most) {
    problems.push_back({"accepted", "has more than " + std::to_string(most) + " " + std::string(what)});
  };
  if (condition.accepted.empty() && form != ValueForm::boolean) {
    problems.push_back({"accepted", "is empty: give at least one value"});
  }
  if (compiled.masks.size() > kMaxMasks) {
    too_many("masks or parts of long texts", kMaxMasks);
  }
  if (compiled.regexes.size() > kMaxRegexes) {
    too_many("regular expressions", kMaxRegexes);
  }
}

template <typename T>
void sort_unique(std::vector<T>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

}  // namespace

CompiledCondition compile_condition(const model::Condition& condition, std::vector<ConditionProblem>& problems) {
  CompiledCondition compiled;
  const ConditionKindInfo* info = find_condition_kind(condition.kind);
  if (info == nullptr) {
    problems.push_back({"kind", "\"" + condition.kind + "\" is not a kind of condition"});
    return compiled;
  }
  compiled.kind = info->kind;
  compiled.negated = condition.negated;
  if (std::string reason = set_argument(info->argument, condition.argument, compiled); !reason.empty()) {
    problems.push_back({"argument", std::move(reason)});
  }
  if (info->form == ValueForm::limit && condition.negated) {
    problems.push_back({"negated", "must be false: a limit cannot be turned around"});
  }
  if (condition.accepted.size() > kMaxAcceptedValues) {
    problems.push_back({"accepted", "has more than " + std::to_string(kMaxAcceptedValues) + " values"});
    return compiled;
  }
  for (std::size_t i = 0; i < condition.accepted.size(); ++i) {
    if (std::string reason = add_one(info->form, condition.accepted[i], compiled); !reason.empty()) {
      problems.push_back({"accepted[" + std::to_string(i) + "]", std::move(reason)});
    }
  }
  if (condition.accepted.empty() && info->form == ValueForm::boolean) {
    compiled.bits = 2;
  }
  sort_unique(compiled.values);
  sort_unique(compiled.masks);
  sort_unique(compiled.regexes);
  merge_ranges(compiled.ranges);
  merge_ranges(compiled.wide_ranges);
  check_amounts(condition, info->form, compiled, problems);
  return compiled;
}

}  // namespace tributary
