#pragma once

#define XXH_INLINE_ALL  // a name is hashed in fewer instructions than a call of the library takes
#include <xxhash.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/prefetch.h"

// Open-addressed indexes of a snapshot: a power of two of slots, at most half of them used, linear probing. A slot
// holds the upper half of the key's hash and the ordinal of its record, counted from 1; 0 is an empty slot. The index
// of campaigns by name holds instead of an ordinal the place of the record: one step less through cold memory for every
// click. The lower half of the hash says where probing begins. The hash is XXH3 with 64 bits: part of the format.
namespace tributary {

// Same shape as fbs::IndexSlot.
struct SnapshotIndexSlot {
  std::uint32_t fingerprint;
  std::uint32_t ordinal;
};

inline std::uint64_t text_hash(std::string_view text) noexcept {
  return XXH3_64bits(text.data(), text.size());
}

// Of a campaign's name. The host's hash seeds that of the slug, so the two cannot run into each other.
inline std::uint64_t name_hash(std::string_view host, std::string_view slug) noexcept {
  return XXH3_64bits_withSeed(slug.data(), slug.size(), text_hash(host));
}

inline std::uint64_t id_hash(std::uint32_t id) noexcept {
  const unsigned char bytes[4] = {static_cast<unsigned char>(id), static_cast<unsigned char>(id >> 8),
                                  static_cast<unsigned char>(id >> 16), static_cast<unsigned char>(id >> 24)};
  return XXH3_64bits(bytes, sizeof(bytes));
}

// A view of an index. The memory belongs to the snapshot's mapping.
class SnapshotIndex {
 public:
  SnapshotIndex() = default;
  // `slots` is a power of two, or empty.
  explicit SnapshotIndex(std::span<const SnapshotIndexSlot> slots) noexcept : slots_(slots) {}

  // Fetches the line where find() will begin, so that several look-ups can wait for memory at the same time.
  void prefetch(std::uint64_t hash) const noexcept {
    if (!slots_.empty()) {
      tributary::prefetch(&slots_[hash & (slots_.size() - 1)]);
    }
  }

  // The first ordinal (from 1) for which `matches(ordinal)` is true, or 0. Ends at an empty slot, at the latest after
  // one round.
  template <typename Matches>
  std::uint32_t find(std::uint64_t hash, Matches&& matches) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    const auto fingerprint = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t probe = 0; probe < slots_.size(); ++probe) {
      const SnapshotIndexSlot& slot = slots_[(hash + probe) & mask];
      if (slot.ordinal == 0) {
        return 0;
      }
      if (slot.fingerprint == fingerprint && matches(slot.ordinal)) {
        return slot.ordinal;
      }
    }
    return 0;
  }

 private:
  std::span<const SnapshotIndexSlot> slots_;
};

// Builds an index. Keys must be distinct.
class SnapshotIndexBuilder {
 public:
  explicit SnapshotIndexBuilder(std::size_t records) : slots_(records == 0 ? 0 : std::bit_ceil(records * 2)) {}

  void add(std::uint64_t hash, std::uint32_t ordinal) noexcept {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].ordinal != 0) {
      at = (at + 1) & mask;
    }
    slots_[at] = {static_cast<std::uint32_t>(hash >> 32), ordinal};
  }

  const std::vector<SnapshotIndexSlot>& slots() const noexcept { return slots_; }

 private:
  std::vector<SnapshotIndexSlot> slots_;
};

}  // namespace tributary
