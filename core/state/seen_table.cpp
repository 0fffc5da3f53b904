#include "core/state/seen_table.h"

#include <algorithm>
#include <array>

#include "core/state/seen_bucket.h"
#include "core/state/seen_word.h"

namespace tributary {
namespace {

SeenPlaces places(SeenBucket* table, std::uint64_t fingerprint, std::uint64_t size) noexcept {
  return {table, bucket_of(fingerprint, tag_of(fingerprint), size), size};
}

// The buckets that one visit was in: nobody may take his own entry for an earlier visit.
class Visited {
 public:
  bool add(std::uint64_t bucket) noexcept {
    const auto end = buckets_.begin() + count_;
    if (count_ == buckets_.size() || std::find(buckets_.begin(), end, bucket) != end) {
      return false;
    }
    buckets_[count_++] = bucket;
    return true;
  }

 private:
  std::array<std::uint64_t, 24> buckets_{};  // one for each size that a table can have, twice
  std::size_t count_ = 0;
};

}  // namespace

std::uint64_t SeenTable::buckets() const noexcept {
  return shared_word(entry_->records).load(std::memory_order_seq_cst);
}

// The old size is loaded after the new one, before which it is stored.
SeenSizes SeenTable::sizes_now() const noexcept {
  const std::uint64_t now = buckets();
  const std::uint64_t from = shared_word(*growing_from_).load(std::memory_order_acquire);
  return {now, from < now ? from : 0};
}

SeenTable::Sighting SeenTable::seen(std::uint64_t fingerprint, std::uint64_t now_ms, std::uint32_t window_s) noexcept {
  return visit(fingerprint, now_ms, window_s, false);
}

SeenTable::Sighting SeenTable::touch(std::uint64_t fingerprint, std::uint64_t now_ms, std::uint32_t window_s) noexcept {
  return visit(fingerprint, now_ms, window_s, true);
}

SeenTable::Sighting SeenTable::visit(std::uint64_t fingerprint, std::uint64_t now_ms, std::uint32_t window_s,
                                     bool refresh) noexcept {
  const SeenVisit visit{tag_of(fingerprint), seen_minute(now_ms), window_s, refresh};
  if (window_s == 0) {
    return {};
  }
  const SeenSizes sizes = sizes_now();
  const Sighting sighting = places(buckets_, fingerprint, sizes.now).visit(visit);
  if (sighting.known || (sizes.growing_from == 0 && sizes_now().now == sizes.now)) {
    return sighting;
  }
  return visit_while_growing(fingerprint, visit, sizes, sighting);
}

// New in the bucket of the present size. While the table grows, an earlier visit may not be copied yet, and who still
// knows the old size asks in the old bucket. In this order: what is entered in the old one is copied, and would be
// taken for an earlier visit. When the table has grown since, those who know the new size must find this visit.
SeenTable::Sighting SeenTable::visit_while_growing(std::uint64_t fingerprint, const SeenVisit& visit, SeenSizes sizes,
                                                   Sighting sighting) noexcept {
  Visited visited;
  visited.add(bucket_of(fingerprint, visit.tag, sizes.now));
  for (bool grown = true; grown && !sighting.known;) {
    for (const std::uint64_t size : {sizes.now, sizes.growing_from}) {
      if (size != 0 && !sighting.known && visited.add(bucket_of(fingerprint, visit.tag, size))) {
        const Sighting here = places(buckets_, fingerprint, size).visit(visit);
        sighting = {.known = here.known, .evicted = sighting.evicted || here.evicted};
      }
    }
    const SeenSizes after = sizes_now();
    grown = after.now != sizes.now;
    sizes = after;
  }
  return sighting;
}

std::uint64_t SeenTable::newest_word(std::uint64_t fingerprint, std::uint64_t now_ms) const noexcept {
  const std::uint64_t now = seen_minute(now_ms);
  const std::uint64_t tag = tag_of(fingerprint);
  const SeenSizes sizes = sizes_now();
  std::uint64_t word = places(buckets_, fingerprint, sizes.now).find(tag, now);
  if (const std::uint64_t from = sizes.growing_from; from != 0) {
    const std::uint64_t before = places(buckets_, fingerprint, from).find(tag, now);
    word = minute_of(before) > minute_of(word) ? before : word;
  }
  return word;
}

bool SeenTable::known(std::uint64_t fingerprint, std::uint64_t now_ms, std::uint32_t window_s) const noexcept {
  const std::uint64_t word = newest_word(fingerprint, now_ms);
  return word != 0 && inside_window(minute_of(word), seen_minute(now_ms), window_s);
}

std::uint64_t SeenTable::last_seen_ms(std::uint64_t fingerprint, std::uint64_t now_ms) const noexcept {
  const std::uint64_t word = newest_word(fingerprint, now_ms);
  return word == 0 ? 0 : kSeenEpochMs + minute_of(word) * 60'000;
}

void spread_seen(std::span<char> table, std::uint64_t old_buckets, std::uint64_t new_buckets) noexcept {
  auto* all = reinterpret_cast<SeenBucket*>(table.data());
  for (std::uint64_t bucket = 0; bucket < old_buckets; ++bucket) {
    for (std::uint64_t& place : all[bucket].words) {
      const std::uint64_t word = shared_word(place).load(std::memory_order_seq_cst);
      const std::uint64_t home = bucket_of(bucket, tag_of(word), new_buckets);
      const bool of_this_bucket = bucket_of(bucket, tag_of(word), old_buckets) == bucket;
      if (word != 0 && of_this_bucket && home != bucket) {
        SeenPlaces(all, home, new_buckets).adopt(word);
      }
    }
  }
}

}  // namespace tributary
