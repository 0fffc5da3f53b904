#include "core/state/transaction_table.h"

#include <atomic>

#include "core/state/state_file.h"

namespace tributary {
namespace {

constexpr std::size_t kEntries = 4;
constexpr std::size_t kWordsPerBucket = 2 * kEntries;
static_assert(kWordsPerBucket * sizeof(std::uint64_t) == kTransactionBucketBytes);

std::uint64_t load(std::uint64_t& word) noexcept {
  return shared_word(word).load(std::memory_order_relaxed);
}
void store(std::uint64_t& word, std::uint64_t value) noexcept {
  shared_word(word).store(value, std::memory_order_relaxed);
}

// 0 is an empty place.
std::uint64_t stored_form(std::uint64_t fingerprint) noexcept {
  return fingerprint == 0 ? 1 : fingerprint;
}

std::uint64_t* bucket_of(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept {
  return table + (fingerprint & (buckets - 1)) * kWordsPerBucket;
}

// nullptr when there is none.
std::uint64_t* find(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept {
  fingerprint = stored_form(fingerprint);
  std::uint64_t* bucket = bucket_of(table, buckets, fingerprint);
  for (std::size_t i = 0; i < kEntries; ++i) {
    if (load(bucket[2 * i]) == fingerprint) {
      return bucket + 2 * i;
    }
  }
  return nullptr;
}

// Of an entry's time: its fingerprint is being written.
constexpr std::uint64_t kClaimed = std::uint64_t{1} << 63;
constexpr std::uint64_t kDeadAfterMs = 1000;
constexpr int kMaxLooks = 10'000;  // some hundred microseconds

struct View {
  std::uint64_t known_ms = 0;
  bool being_claimed = false;  // by somebody who seems to live
  std::size_t oldest = 0;
  std::uint64_t oldest_word = UINT64_MAX;
};

View look(std::uint64_t* bucket, std::uint64_t fingerprint, std::uint64_t now_ms) noexcept {
  View view;
  std::uint64_t oldest_ms = UINT64_MAX;
  for (std::size_t i = 0; i < kEntries; ++i) {
    const std::uint64_t word = shared_word(bucket[2 * i + 1]).load(std::memory_order_acquire);
    const bool claimed = (word & kClaimed) != 0;
    const std::uint64_t time_ms = word & ~kClaimed;
    const bool holds = shared_word(bucket[2 * i]).load(std::memory_order_acquire) == fingerprint;
    // Unless both words belong together, the place has a new owner who is not done.
    if (holds && !claimed && load(bucket[2 * i + 1]) == word) view.known_ms = time_ms;
    view.being_claimed = view.being_claimed || (claimed && now_ms < time_ms + kDeadAfterMs);
    if (time_ms < oldest_ms) {
      oldest_ms = time_ms;
      view.oldest = i;
      view.oldest_word = word;
    }
  }
  return view;
}

}  // namespace

bool transaction_known(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept {
  return find(table, buckets, fingerprint) != nullptr;
}

std::uint64_t claimed_ms(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept {
  const View view = look(bucket_of(table, buckets, fingerprint), stored_form(fingerprint), 0);
  return view.known_ms;
}

// Whoever changes the time of the oldest entry to a claimed one has its place. All choose the same place as long as
// nothing changes, and when something does, the exchange fails and they look again: so one fingerprint gets one place.
Claim claim(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint, std::uint64_t now_ms) noexcept {
  std::uint64_t* bucket = bucket_of(table, buckets, fingerprint);
  fingerprint = stored_form(fingerprint);
  for (int i = 0; i < kMaxLooks; ++i) {
    const View view = look(bucket, fingerprint, now_ms);
    if (view.known_ms != 0) return {view.known_ms, false, false};
    if (view.being_claimed) continue;
    std::uint64_t* entry = bucket + 2 * view.oldest;
    std::uint64_t expected = view.oldest_word;
    if (!shared_word(entry[1]).compare_exchange_strong(expected, now_ms | kClaimed)) continue;
    const bool evicts = load(entry[0]) != 0;
    shared_word(entry[0]).store(fingerprint, std::memory_order_release);
    shared_word(entry[1]).store(now_ms, std::memory_order_release);
    return {now_ms, true, evicts};
  }
  return {now_ms, true, false};  // forgotten: the caller's own time, as if it had been evicted at once
}

bool put_transaction(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint,
                     std::uint64_t now_ms) noexcept {
  fingerprint = stored_form(fingerprint);
  std::uint64_t* bucket = bucket_of(table, buckets, fingerprint);
  std::size_t victim = 0;
  std::uint64_t oldest = UINT64_MAX;
  for (std::size_t i = 0; i < kEntries; ++i) {
    const std::uint64_t held = load(bucket[2 * i]);
    if (held == fingerprint) {
      store(bucket[2 * i + 1], now_ms);
      return false;
    }
    const std::uint64_t time = held == 0 ? 0 : load(bucket[2 * i + 1]);
    if (time < oldest) {
      oldest = time;
      victim = i;
    }
  }
  const bool evicts = load(bucket[2 * victim]) != 0;
  store(bucket[2 * victim + 1], now_ms);
  store(bucket[2 * victim], fingerprint);
  return evicts;
}

void spread_transactions(std::span<char> table, std::uint64_t old_buckets, std::uint64_t new_buckets) noexcept {
  auto* words = reinterpret_cast<std::uint64_t*>(table.data());
  for (std::uint64_t bucket = 0; bucket < old_buckets; ++bucket) {
    for (std::size_t i = 0; i < kEntries; ++i) {
      std::uint64_t* entry = words + bucket * kWordsPerBucket + 2 * i;
      const std::uint64_t fingerprint = load(entry[0]);
      if (fingerprint != 0 && (fingerprint & (new_buckets - 1)) != bucket) {
        put_transaction(words, new_buckets, fingerprint, load(entry[1]));
      }
    }
  }
}

}  // namespace tributary
