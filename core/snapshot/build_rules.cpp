#include "core/snapshot/build_rules.h"

#include <algorithm>

#include "core/condition/limits.h"
#include "core/event/event.h"
#include "core/money/money.h"
#include "core/snapshot/format.h"
#include "core/state/cap_value_table.h"
#include "core/state/cap_word.h"
#include "core/time_zone/local_time.h"
#include "core/time_zone/zone_offsets.h"

namespace tributary {
namespace {

std::string numbered(std::string_view list, std::size_t i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

// Different conditions have different keys: every text stands behind its length.
std::string key_of(const model::Condition& condition) {
  std::string key(1, condition.negated ? '-' : '+');
  const auto add = [&](const std::string& text) { key += std::to_string(text.size()) + ":" + text; };
  add(condition.kind);
  add(condition.argument);
  std::for_each(condition.accepted.begin(), condition.accepted.end(), add);
  return key;
}

template <typename T>
FbsTables<T> vector_of(flatbuffers::FlatBufferBuilder& out, const std::vector<flatbuffers::Offset<T>>& items) {
  return items.empty() ? 0 : out.CreateVector(items);
}

bool is_limit(const CompiledCondition& condition) {
  return condition.kind == ConditionKind::click_limit;
}

}  // namespace

RulesBuilder::StreamRules RulesBuilder::stream_rules(const model::Stream& stream, const Entity& entity) {
  std::vector<flatbuffers::Offset<fbs::Condition>> conditions;
  std::vector<flatbuffers::Offset<fbs::Cap>> caps;
  if (stream.conditions.size() > kMaxStreamConditions) {
    context_.problem(entity(), "conditions", "are more than " + std::to_string(kMaxStreamConditions));
    return {};
  }
  for (std::size_t i = 0; i < stream.conditions.size(); ++i) {
    const model::Condition& model = stream.conditions[i];
    std::string key = key_of(model);
    if (const auto known = conditions_.find(key); known != conditions_.end()) {
      conditions.push_back(known->second.written);
      campaign_work_ += known->second.work;
      continue;
    }
    std::vector<ConditionProblem> problems;
    const CompiledCondition compiled = compile_condition(model, problems);
    for (ConditionProblem& problem : problems) {
      context_.problem(entity(), numbered("conditions", i) + "." + problem.field, std::move(problem.reason));
    }
    if (!problems.empty()) {
      continue;
    }
    if (is_limit(compiled)) {
      const model::Cap cap{.slot = model.cap_slot,
                           .turn = model.cap_turn,
                           .period = static_cast<model::Period>(compiled.number),
                           .amount = compiled.limit,
                           .currency = {},
                           .time_zone = compiled.zone};
      caps.push_back(write(cap, numbered("conditions", i), entity));
    } else {
      const auto written = write_condition(context_.out, compiled, context_.zone(compiled.zone));
      conditions_.emplace(std::move(key), KnownCondition{written, compiled.work});
      campaign_work_ += compiled.work;
      conditions.push_back(written);
    }
  }
  return {vector_of(context_.out, conditions), vector_of(context_.out, caps)};
}

FbsTables<fbs::Schedule> RulesBuilder::schedules(const model::Destination& destination, const Entity& entity) {
  if (destination.schedules.size() > kMaxDestinationSchedules) {
    context_.problem(entity(), "schedules", "are more than " + std::to_string(kMaxDestinationSchedules));
    return 0;
  }
  std::vector<flatbuffers::Offset<fbs::Schedule>> written;
  for (std::size_t i = 0; i < destination.schedules.size(); ++i) {
    const model::Schedule& schedule = destination.schedules[i];
    const std::string field = numbered("schedules", i);
    check(schedule, field, entity);
    written.push_back(fbs::CreateSchedule(context_.out, zone(schedule.time_zone, field, entity), schedule.weekdays,
                                          schedule.opens_s, schedule.closes_s, schedule.first_day, schedule.last_day));
  }
  return vector_of(context_.out, written);
}

FbsTables<fbs::Cap> RulesBuilder::caps(const model::Destination& destination, const Entity& entity) {
  if (destination.caps.size() > kMaxCaps) {
    context_.problem(entity(), "caps", "are more than " + std::to_string(kMaxCaps));
    return 0;
  }
  std::vector<flatbuffers::Offset<fbs::Cap>> written;
  for (std::size_t i = 0; i < destination.caps.size(); ++i) {
    written.push_back(write(destination.caps[i], numbered("caps", i), entity));
  }
  return vector_of(context_.out, written);
}

void RulesBuilder::check(const model::Schedule& schedule, const std::string& field, const Entity& entity) {
  if (schedule.weekdays == 0 || schedule.weekdays > 0x7f) {
    context_.problem(entity(), field + ".weekdays", "must name at least one day, from Monday (1) to Sunday (7)");
  }
  if (schedule.opens_s >= kSecondsPerDay) {
    context_.problem(entity(), field + ".opens", "must be from 00:00 to before 24:00");
  }
  if (schedule.closes_s > kSecondsPerDay) {
    context_.problem(entity(), field + ".closes", "must be from 00:00 to 24:00");
  }
  if (schedule.first_day > schedule.last_day) {
    context_.problem(entity(), field + ".last_day", "must not be before the first day");
  }
}

flatbuffers::Offset<fbs::Cap> RulesBuilder::write(const model::Cap& cap, const std::string& field,
                                                  const Entity& entity) {
  const bool counts = cap.measure == model::CapMeasure::clicks || cap.measure == model::CapMeasure::conversions;
  if (cap.amount < 0 || cap.amount > (counts ? std::int64_t{0xffffffff} : kMaxMoneyMicros)) {
    context_.problem(entity(), field + ".amount", counts ? "must be from 0 to 4294967295" : "must be from 0 to 10^12");
  }
  if (cap.per > kSubIdCount || (cap.per != 0 && cap.measure != model::CapMeasure::clicks)) {
    context_.problem(entity(), field + ".per", "must be a sub id from 1 to 30, and only clicks are capped per sub id");
  }
  if (cap.per != 0 && cap.amount > CapValueTable::kMaxCount) {
    context_.problem(entity(), field + ".amount", "must be at most 1048575 per sub id");
  }
  if (counts ? !cap.currency.empty() : parse_currency(cap.currency) != std::string_view(cap.currency)) {
    context_.problem(entity(), field + ".currency", counts ? "must be empty" : "must be an ISO 4217 code in capitals");
  }
  take_slot(cap, field, entity);
  const auto in_zone = zone(cap.time_zone, field, entity);
  const auto currency = cap.currency.empty() ? 0 : context_.out.CreateSharedString(cap.currency);
  return fbs::CreateCap(context_.out, cap.slot, static_cast<fbs::CapMeasure>(cap.measure),
                        static_cast<fbs::Period>(cap.period), cap.amount, in_zone, cap.hard, currency, cap.turn,
                        cap.per);
}

void RulesBuilder::take_slot(const model::Cap& cap, const std::string& field, const Entity& entity) {
  const std::uint32_t slot = cap.slot;
  if (slot >= kMaxCapSlots || cap.turn >= kCapTurns) {
    context_.problem(entity(), field + ".slot",
                     std::to_string(slot) + " is not below " + std::to_string(kMaxCapSlots) +
                         ", or its turn not below " + std::to_string(kCapTurns));
    return;
  }
  cap_slots_ = std::max(cap_slots_, slot + 1);
  if (slots_taken_.size() <= slot) {
    slots_taken_.resize(std::max<std::size_t>(slot + 1, slots_taken_.size() * 2));
  }
  if (slots_taken_[slot]) {
    context_.problem(entity(), field + ".slot", std::to_string(slot) + " is used by another cap too");
  }
  slots_taken_[slot] = true;
}

flatbuffers::Offset<fbs::Zone> RulesBuilder::zone(const std::string& name, const std::string& field,
                                                  const Entity& entity) {
  if (!name.empty() && !zone_exists(name)) {
    context_.problem(entity(), field + ".time_zone", "\"" + name + "\" is not a time zone");
  }
  return context_.zone(name);
}

}  // namespace tributary
