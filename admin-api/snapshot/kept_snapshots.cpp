#include "admin-api/snapshot/kept_snapshots.h"

#include <algorithm>

namespace tributary::admin {

void KeptSnapshots::add(const Compiled& compiled) {
  if (compiled.bytes == nullptr) return;
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const Kept& kept) { return kept.generation == compiled.generation; });
  kept_.push_front({compiled.generation, compiled.bytes});
  std::size_t bytes = 0;
  for (const auto& kept : kept_) bytes += kept.bytes->size();
  while (kept_.size() > kMost || (kept_.size() > 1 && bytes > kMostBytes)) {
    bytes -= kept_.back().bytes->size();
    kept_.pop_back();
  }
}

KeptSnapshots::Bytes KeptSnapshots::find(Generation generation) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.generation == generation; });
  return found == kept_.end() ? nullptr : found->bytes;
}

std::vector<Generation> KeptSnapshots::generations() const {
  const std::lock_guard lock(mutex_);
  std::vector<Generation> list;
  for (const auto& kept : kept_) list.push_back(kept.generation);
  return list;
}

}  // namespace tributary::admin
