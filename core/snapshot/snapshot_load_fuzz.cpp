#include <cstdint>

#include <algorithm>
#include <span>
#include <vector>

#include "core/snapshot/every_lookup.h"
#include "core/snapshot/sample_snapshot.h"
#include "core/snapshot/snapshot_builder.h"
#include "core/snapshot/snapshot_view.h"

// Hostile bytes as a base file, and as a delta over a sound base: either they are refused, or everything that an edge
// does with them stays inside them.

namespace {

using namespace tributary;

std::vector<std::uint64_t> aligned_copy(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint64_t> words((size + 7) / 8);
  std::copy_n(data, size, reinterpret_cast<std::uint8_t*>(words.data()));
  return words;
}

const std::vector<std::uint8_t>& sound_base() {
  static const auto bytes = build_snapshot(sample_snapshot({.campaigns = 3})).value();
  return bytes;
}

std::size_t work = 0;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto words = aligned_copy(data, size);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(words.data()), size);
  if (const auto view = SnapshotView::over(bytes); view.ok()) {
    work += testing::every_lookup(*view.value(), *fbs::GetSnapshot(bytes.data()));
  }
  if (const auto view = SnapshotView::over(sound_base(), bytes); view.ok() && !bytes.empty()) {
    work += testing::every_lookup(*view.value(), *fbs::GetSnapshot(bytes.data()));
    work += testing::every_lookup(*view.value(), *fbs::GetSnapshot(sound_base().data()));
  }
  return 0;
}
