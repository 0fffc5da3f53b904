#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/condition/compile_condition.h"
#include "core/snapshot/build_context.h"

namespace tributary {

// Writes what decides whether a stream or destination may take a click: conditions, caps, schedules. Equal conditions
// are written once: most campaigns ask the same.
class RulesBuilder {
 public:
  using Entity = std::function<std::string()>;  // whose rules these are, for a problem

  explicit RulesBuilder(BuildContext& context) : context_(context) {}

  struct StreamRules {
    FbsTables<fbs::Condition> conditions;
    FbsTables<fbs::Cap> caps;  // click limits are conditions for people and caps for the edge
  };
  // Conditions that are read from now on count for this one campaign or rotation.
  void begin_campaign() noexcept { campaign_work_ = 0; }
  // How much regular expressions and masks cost a click that is asked all conditions.
  std::size_t campaign_work() const noexcept { return campaign_work_; }
  StreamRules stream_rules(const model::Stream& stream, const Entity& entity);
  FbsTables<fbs::Schedule> schedules(const model::Destination& destination, const Entity& entity);
  FbsTables<fbs::Cap> caps(const model::Destination& destination, const Entity& entity);

  // One more than the highest slot of a cap that was written.
  std::uint32_t cap_slots() const noexcept { return cap_slots_; }

 private:
  flatbuffers::Offset<fbs::Cap> write(const model::Cap& cap, const std::string& field, const Entity& entity);
  void check(const model::Schedule& schedule, const std::string& field, const Entity& entity);
  void take_slot(const model::Cap& cap, const std::string& field, const Entity& entity);
  flatbuffers::Offset<fbs::Zone> zone(const std::string& name, const std::string& field, const Entity& entity);

  BuildContext& context_;
  struct KnownCondition {
    flatbuffers::Offset<fbs::Condition> written;
    std::size_t work;
  };
  std::unordered_map<std::string, KnownCondition> conditions_;  // by everything in them
  std::size_t campaign_work_ = 0;
  std::vector<bool> slots_taken_;
  std::uint32_t cap_slots_ = 0;
};

// Writes a condition that has no problems and is no click limit.
flatbuffers::Offset<fbs::Condition> write_condition(flatbuffers::FlatBufferBuilder& out,
                                                    const CompiledCondition& condition,
                                                    flatbuffers::Offset<fbs::Zone> zone);

}  // namespace tributary
