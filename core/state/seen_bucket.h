#pragma once

#include <cstdint>

#include "core/state/seen_table.h"

namespace tributary {

struct SeenVisit {
  std::uint64_t tag;
  std::uint64_t now;  // minute
  std::uint32_t window_s;
  bool refresh;
};

// One bucket of a table that has `buckets` now.
class SeenPlaces {
 public:
  SeenPlaces(SeenBucket* table, std::uint64_t bucket, std::uint64_t buckets) noexcept
      : words_(table[bucket].words), bucket_(bucket), buckets_(buckets) {}

  // Of any number of visits of one tag at once exactly one finds it unknown: each looks at every place once, takes the
  // one that was seen longest ago (the first of equals) by compare-and-swap, and looks again when that fails. Times in
  // a bucket only grow, so two who miss each other's entry would have to choose the same place.
  SeenTable::Sighting visit(const SeenVisit& visit) noexcept;

  // The entry of a tag with the latest time; 0 when there is none.
  std::uint64_t find(std::uint64_t tag, std::uint64_t now) const noexcept;

  // Takes in an entry of another bucket, unless all here are younger.
  void adopt(std::uint64_t word) noexcept;

 private:
  struct Look {
    std::uint64_t entry = 0;  // of the tag
    std::size_t entry_at = 0;
    std::uint64_t oldest = 0;
    std::size_t oldest_at = 0;
  };
  Look look(std::uint64_t tag, std::uint64_t now) const noexcept;
  bool is_home_of(std::uint64_t tag) const noexcept;
  bool replace(std::size_t place, std::uint64_t old_word, std::uint64_t new_word) noexcept;

  std::uint64_t* words_;
  std::uint64_t bucket_;
  std::uint64_t buckets_;
};

}  // namespace tributary
