#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/snapshot/build_context.h"
#include "core/snapshot/build_landers.h"
#include "core/snapshot/build_rules.h"

namespace tributary {

// Writes the streams of campaigns and rotations and, once each, the destinations they name.
class StreamsBuilder {
 public:
  explicit StreamsBuilder(BuildContext& context);

  // In the order in which the evaluator tries them: forced, regular, default; each by priority, then id.
  FbsTables<fbs::Stream> write_all(const model::Campaign& campaign);
  FbsTables<fbs::Stream> write_all(const model::Rotation& rotation);

  // Counters of a campaign for the streams of a rotation.
  void take_rotation_slots(const model::Campaign& campaign);

  // One more than the highest rotation slot, and slot of a cap, that was written.
  std::uint32_t rotation_slots() const noexcept { return rotation_slots_; }
  std::uint32_t cap_slots() const noexcept { return rules_.cap_slots(); }

 private:
  struct KnownDestination {
    const model::Destination* model = nullptr;
    flatbuffers::Offset<fbs::Destination> offset;
    bool being_written = false;
    std::size_t chain = 0;  // how many destinations its overflow leads through
  };

  // Whose the streams are: "campaign 7", for a problem.
  using Owner = std::function<std::string()>;
  FbsTables<fbs::Stream> write_all(const std::vector<model::Stream>& streams, const Owner& owner);
  flatbuffers::Offset<fbs::Stream> write(const model::Stream& stream, const Owner& owner);
  void check(const model::Stream& stream, const Owner& owner);
  void take_rotation_slot(std::uint32_t slot, const Owner& entity);
  flatbuffers::Offset<fbs::Destination> write_destination(KnownDestination& destination);
  flatbuffers::Offset<fbs::Destination> write_overflow(KnownDestination& destination);

  BuildContext& context_;
  RulesBuilder rules_;
  LandersBuilder landers_;
  std::unordered_map<std::uint32_t, KnownDestination> destinations_;
  std::vector<bool> slots_taken_;
  std::uint32_t rotation_slots_ = 0;
};

}  // namespace tributary
