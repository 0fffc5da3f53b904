#include "core/state/seen_table.h"

#include "core/state/seen_bucket.h"
#include "core/state/seen_word.h"

namespace tributary {
namespace {

SeenPlaces places(SeenBucket* table, std::uint64_t fingerprint, std::uint64_t buckets) noexcept {
  return {table, bucket_of(fingerprint, tag_of(fingerprint), buckets), buckets};
}

}  // namespace

std::uint64_t SeenTable::buckets() const noexcept {
  return shared_word(entry_->records).load(std::memory_order_seq_cst);
}

// The size before, while the table is growing to `buckets`; else 0. Loaded after `buckets`, which is stored after it.
std::uint64_t SeenTable::growing_from(std::uint64_t buckets) const noexcept {
  const std::uint64_t from = shared_word(*growing_from_).load(std::memory_order_acquire);
  return from < buckets ? from : 0;
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
  std::uint64_t size = buckets();
  if (const std::uint64_t from = growing_from(size); from != 0) {
    // Not yet copied, perhaps; and who still knows the old size asks there too.
    const Sighting before = places(buckets_, fingerprint, from).visit(visit);
    if (before.known && !refresh) {
      return before;
    }
    const Sighting after = places(buckets_, fingerprint, size).visit(visit);
    return {.known = before.known || after.known, .evicted = before.evicted || after.evicted};
  }
  Sighting sighting = places(buckets_, fingerprint, size).visit(visit);
  // Grown meanwhile: those who know the new size must find it.
  for (std::uint64_t grown = buckets(); grown != size && !sighting.known; grown = buckets()) {
    size = grown;
    sighting = places(buckets_, fingerprint, size).visit(visit);
  }
  return sighting;
}

std::uint64_t SeenTable::newest_word(std::uint64_t fingerprint, std::uint64_t now_ms) const noexcept {
  const std::uint64_t now = seen_minute(now_ms);
  const std::uint64_t tag = tag_of(fingerprint);
  const std::uint64_t size = buckets();
  std::uint64_t word = places(buckets_, fingerprint, size).find(tag, now);
  if (const std::uint64_t from = growing_from(size); from != 0) {
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
