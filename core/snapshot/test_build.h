#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/snapshot/snapshot_builder.h"
#include "core/snapshot/snapshot_view.h"

#include "core/base/cmocka.h"

// For tests: builds and opens snapshots that must be right, and fails the test with the reason when they are not.
namespace tributary::testing {

inline std::vector<std::uint8_t> build(const model::Snapshot& snapshot) {
  auto bytes = build_snapshot(snapshot);
  if (!bytes) {
    for (const BuildProblem& problem : bytes.error()) {
      print_error("%s %s: %s\n", problem.entity.c_str(), problem.field.c_str(), problem.reason.c_str());
    }
    fail_msg("the configuration does not compile");
  }
  return std::move(bytes).value();
}

inline std::unique_ptr<SnapshotView> view_of(std::span<const std::uint8_t> base,
                                             std::span<const std::uint8_t> delta = {}) {
  auto view = SnapshotView::over(base, delta);
  if (!view) {
    fail_msg("%s", view.error().message.c_str());
  }
  return std::move(view).value();
}

}  // namespace tributary::testing
