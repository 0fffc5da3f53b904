#include "core/state/shared_state.h"

#include <bit>

#include "core/state/transaction_table.h"
#include "core/state/worker_slot.h"

namespace tributary {
namespace {

// One slot's counters, on lines of their own, with room for more kinds.
constexpr std::size_t kCountersPerSlot = 64;
static_assert(kCounterCount <= kCountersPerSlot);

constexpr std::uint64_t kMaxRotation = 1u << 24;
constexpr std::uint64_t kMaxTransactionBuckets = 1u << 22;

std::uint64_t* words(char* table) noexcept {
  return reinterpret_cast<std::uint64_t*>(table);
}

}  // namespace

Result<std::unique_ptr<SharedState>, SharedState::Error> SharedState::open(const std::string& run_path,
                                                                           const Options& options) {
  if (!std::has_single_bit(options.transaction_buckets)) {
    return Error{0, "transaction buckets " + std::to_string(options.transaction_buckets) + " is not a power of two"};
  }
  const StateTableRequest requests[] = {
      {StateTable::counters, kCountersPerSlot * sizeof(std::uint64_t), kSlotCount, kSlotCount, "worker slots"},
      {StateTable::rotation, sizeof(std::uint64_t), kMaxRotation, options.rotation_slots, "rotation slots"},
      {StateTable::transactions, kTransactionBucketBytes, kMaxTransactionBuckets, options.transaction_buckets,
       "transaction buckets", spread_transactions},
  };
  auto file = StateFile::open(run_path + "/state", requests);
  if (!file) {
    return file.error();
  }
  return std::unique_ptr<SharedState>(new SharedState(std::move(file).value()));
}

SharedState::SharedState(StateFile file) noexcept
    : file_(std::move(file)),
      header_(file_.header()),
      rotation_(file_.entry(StateTable::rotation)),
      transactions_(file_.entry(StateTable::transactions)),
      counter_table_(words(file_.table(StateTable::counters))),
      rotation_table_(words(file_.table(StateTable::rotation))),
      transaction_table_(words(file_.table(StateTable::transactions))) {}

std::uint64_t SharedState::published() const noexcept {
  return shared_word(header_.published).load(std::memory_order_acquire);
}

bool SharedState::publish(std::uint64_t generation) noexcept {
  auto word = shared_word(header_.published);
  std::uint64_t current = word.load(std::memory_order_relaxed);
  while (current < generation) {
    if (word.compare_exchange_weak(current, generation, std::memory_order_acq_rel)) {
      return true;
    }
  }
  return false;
}

std::uint64_t SharedState::next_rotation(std::uint32_t slot) noexcept {
  if (slot >= shared_word(rotation_.records).load(std::memory_order_relaxed)) {
    return 0;
  }
  return shared_word(rotation_table_[slot]).fetch_add(1, std::memory_order_relaxed);
}

std::uint32_t SharedState::rotation_slots() const noexcept {
  return static_cast<std::uint32_t>(shared_word(rotation_.records).load(std::memory_order_acquire));
}

bool SharedState::transaction_seen(std::uint64_t fingerprint) const noexcept {
  const std::uint64_t buckets = shared_word(transactions_.records).load(std::memory_order_acquire);
  return transaction_known(transaction_table_, buckets, fingerprint);
}

void SharedState::remember_transaction(std::uint64_t fingerprint, std::uint64_t now_ms) noexcept {
  const std::uint64_t buckets = shared_word(transactions_.records).load(std::memory_order_acquire);
  if (put_transaction(transaction_table_, buckets, fingerprint, now_ms)) {
    shared_word(header_.forgotten_transactions).fetch_add(1, std::memory_order_relaxed);
  }
}

std::uint64_t SharedState::forgotten_transactions() const noexcept {
  return shared_word(header_.forgotten_transactions).load(std::memory_order_relaxed);
}

void SharedState::add(std::uint32_t worker_slot, Counter counter, std::uint64_t n) noexcept {
  if (worker_slot >= kSlotCount || counter >= Counter::kCount) {
    return;
  }
  auto word = shared_word(counter_table_[worker_slot * kCountersPerSlot + static_cast<std::size_t>(counter)]);
  word.store(word.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

std::uint64_t SharedState::total(Counter counter) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t slot = 0; slot < kSlotCount && counter < Counter::kCount; ++slot) {
    sum += shared_word(counter_table_[slot * kCountersPerSlot + static_cast<std::size_t>(counter)])
               .load(std::memory_order_relaxed);
  }
  return sum;
}

}  // namespace tributary
