#include "admin-api/snapshot/loaded_snapshot.h"

#include "admin-api/api/problem.h"
#include "admin-api/snapshot/pusher.h"
#include "core/snapshot/snapshot_file.h"

namespace tributary::admin {
namespace {

ApiError not_kept(Generation wanted, const std::vector<Generation>& kept) {
  std::string list;
  for (const auto generation : kept) list += (list.empty() ? "" : ", ") + generation_text(generation);
  return {409, "generation_not_kept",
          "generation " + generation_text(wanted) + " is not kept here, name another one; kept are " +
              (list.empty() ? "none" : list)};
}

}  // namespace

LoadedSnapshot load_snapshot(Services& services, std::optional<Generation> asked) {
  auto& kept = services.pusher.kept();
  const Generation newest = read_generation(services.pool);
  LoadedSnapshot loaded{asked.value_or(newest), nullptr, nullptr};
  loaded.bytes = kept.find(loaded.generation);
  if (loaded.bytes == nullptr && loaded.generation == newest) {
    const auto compiled = compile_snapshot(services.pool);
    if (compiled.bytes == nullptr) {
      throw ApiError(409, "not_publishable", "the configuration cannot be compiled: see GET /api/v1/snapshot/status");
    }
    kept.add(compiled);
    loaded.generation = asked ? loaded.generation : compiled.generation;
    loaded.bytes = kept.find(loaded.generation);
  }
  if (loaded.bytes == nullptr) throw not_kept(loaded.generation, kept.generations());
  auto view = SnapshotView::over(*loaded.bytes);
  if (!view) throw std::runtime_error("a compiled configuration is refused: " + view.error().message);
  loaded.view = std::move(*view);
  return loaded;
}

}  // namespace tributary::admin
