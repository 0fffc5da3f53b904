#pragma once

#include <flatbuffers/flatbuffers.h>

#include <string>

#include "core/time_zone/zone_offsets.h"
#include "schema/snapshot_generated.h"

#include "core/base/cmocka.h"

namespace tributary::testing {

// 2023-01-01 to 2035-01-01: what a snapshot made in 2024 carries, and some more.
inline constexpr std::int64_t kZoneFrom_s = 1'672'531'200;
inline constexpr std::int64_t kZoneUntil_s = 2'051'222'400;

inline flatbuffers::Offset<fbs::Zone> write_zone(flatbuffers::FlatBufferBuilder& out, const std::string& name) {
  const auto offsets = zone_offsets(name, kZoneFrom_s, kZoneUntil_s);
  if (!offsets) {
    fail_msg("%s: is not in the time zone database", name.c_str());
  }
  std::vector<fbs::ZoneOffset> stored;
  for (const ZoneOffset& offset : *offsets) {
    stored.emplace_back(offset.since_s, offset.offset_s);
  }
  return fbs::CreateZone(out, out.CreateString(name), out.CreateVectorOfStructs(stored));
}

// A zone as it is in a snapshot.
class TestZone {
 public:
  explicit TestZone(const std::string& name) { out_.Finish(write_zone(out_, name)); }
  const fbs::Zone* get() const { return flatbuffers::GetRoot<fbs::Zone>(out_.GetBufferPointer()); }

 private:
  flatbuffers::FlatBufferBuilder out_;
};

}  // namespace tributary::testing
