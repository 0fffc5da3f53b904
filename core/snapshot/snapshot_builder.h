#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/snapshot/model.h"

namespace tributary {

// One thing in the configuration that cannot be compiled: which entity, which field, why.
struct BuildProblem {
  std::string entity;  // "campaign 12", "stream 4 of campaign 12", "network 7"
  std::string field;
  std::string reason;
};

// Compiles a configuration into the bytes of schema/snapshot.fbs. All problems are reported, not only the first.
// The output passes SnapshotView::over.
Result<std::vector<std::uint8_t>, std::vector<BuildProblem>> build_snapshot(const model::Snapshot& input);

}  // namespace tributary
