#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// The table of recent transactions, and that of recent clicks of /click: buckets of one cache line with four entries
// {fingerprint, time}. A new entry takes an empty place or that of the oldest. Plain atomic words: two writers that
// meet in a bucket may lose one entry, which the memory is allowed to do.
namespace tributary {

inline constexpr std::size_t kTransactionBucketBytes = 64;

// `buckets` is a power of two.
bool transaction_known(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept;

// The time of its entry; 0 when it is not known.
std::uint64_t transaction_time_ms(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept;

// True when another entry was evicted for it.
bool put_transaction(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint,
                     std::uint64_t now_ms) noexcept;

// After growing from `old_buckets` to `new_buckets`: copies every entry to the bucket it is looked for now. Others may
// use the table meanwhile. Repeating it is harmless.
void spread_transactions(std::span<char> table, std::uint64_t old_buckets, std::uint64_t new_buckets) noexcept;

}  // namespace tributary
