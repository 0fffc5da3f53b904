#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// The table of recent transactions, and that of recent clicks of /click: buckets of one cache line with four entries
// {fingerprint, time}. A new entry takes an empty place or that of the oldest. Plain atomic words: two writers of
// transactions that meet in a bucket may lose one entry, which the memory is allowed to do.
namespace tributary {

inline constexpr std::size_t kTransactionBucketBytes = 64;

// `buckets` is a power of two.
bool transaction_known(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept;

// True when another entry was evicted for it.
bool put_transaction(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint,
                     std::uint64_t now_ms) noexcept;

struct Claim {
  std::uint64_t time_ms = 0;  // of its entry: that of the first claim, whoever makes others at the same moment
  bool first = false;         // it made the entry
  bool evicted = false;       // another entry was forgotten for it
};

// The time of its entry; 0 when it is not known, or being claimed.
std::uint64_t claimed_ms(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint) noexcept;

// Makes the entry unless there is one. Of any number of claims of one fingerprint, in any number of processes, one is
// the first and all get its time. `now_ms` is the time of the claim and orders the entries. A process that dies in the
// middle is waited for no longer than a second.
Claim claim(std::uint64_t* table, std::uint64_t buckets, std::uint64_t fingerprint, std::uint64_t now_ms) noexcept;

// After growing from `old_buckets` to `new_buckets`: copies every entry to the bucket it is looked for now. Others may
// use the table meanwhile. Repeating it is harmless.
void spread_transactions(std::span<char> table, std::uint64_t old_buckets, std::uint64_t new_buckets) noexcept;

}  // namespace tributary
