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

}  // namespace

bool transaction_known(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept {
  return find(table, buckets, fingerprint) != nullptr;
}

std::uint64_t transaction_time_ms(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept {
  std::uint64_t* entry = find(table, buckets, fingerprint);
  return entry == nullptr ? 0 : load(entry[1]);
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
