#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "admin-api/snapshot/compiler.h"

namespace tributary::admin {

// The last generations that this program compiled, for those who ask what an edge decided by. Bounded; the oldest go
// first. Thread-safe.
class KeptSnapshots {
 public:
  static constexpr std::size_t kMost = 16;
  static constexpr std::size_t kMostBytes = 256u << 20;  // the newest one is kept whatever its size

  using Bytes = std::shared_ptr<const std::vector<std::uint8_t>>;

  void add(const Compiled& compiled);
  Bytes find(Generation generation) const;  // nullptr: it is not kept
  // Newest first.
  std::vector<Generation> generations() const;

 private:
  struct Kept {
    Generation generation;
    Bytes bytes;
  };
  mutable std::mutex mutex_;
  std::deque<Kept> kept_;
};

}  // namespace tributary::admin
