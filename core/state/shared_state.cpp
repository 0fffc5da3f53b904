#include "core/state/shared_state.h"

#include <fcntl.h>
#include <sys/random.h>

#include <bit>
#include <chrono>

#include "core/base/fd.h"
#include "core/state/file_lock.h"
#include "core/state/table_sizes.h"
#include "core/state/transaction_table.h"
#include "core/state/worker_slot.h"

namespace tributary {
namespace {

// One slot's counters, on lines of their own, with room for more kinds.
constexpr std::size_t kCountersPerSlot = 64;
static_assert(kCounterCount <= kCountersPerSlot);

std::uint64_t* words(char* table) noexcept {
  return reinterpret_cast<std::uint64_t*>(table);
}

template <typename Record>
Record* records_of(const StateFile& file, StateTable table) noexcept {
  return reinterpret_cast<Record*>(file.table(table));
}

OverlayTable::Half overlay_half(const StateFile& file, StateTable table) noexcept {
  return {records_of<OverlayRow>(file, table), &file.entry(table)};
}

constexpr std::uint64_t overlay_rows(std::uint64_t destinations) noexcept {
  return std::bit_ceil(destinations * 2) + 1;
}

bool is_value_size(std::uint32_t lines) noexcept {
  return std::has_single_bit(lines) && lines >= kMinCapValueLines;
}

bool is_seen_size(std::uint32_t buckets) noexcept {
  return std::has_single_bit(buckets) && buckets >= kMinSeenBuckets;
}

std::string wrong_size(const SharedState::Options& options) {
  if (!std::has_single_bit(options.transaction_buckets)) {
    return "transaction buckets " + std::to_string(options.transaction_buckets) + " is not a power of two";
  }
  if (!std::has_single_bit(options.recent_click_buckets)) {
    return "recent-click buckets " + std::to_string(options.recent_click_buckets) + " is not a power of two";
  }
  if (!is_seen_size(options.unique_buckets) || !is_seen_size(options.last_seen_buckets)) {
    return "unique buckets " + std::to_string(options.unique_buckets) + " or last-seen buckets " +
           std::to_string(options.last_seen_buckets) + " is not a power of two from 4096";
  }
  if (!is_value_size(options.cap_value_lines)) {
    return "lines of cap values " + std::to_string(options.cap_value_lines) + " is not a power of two from " +
           std::to_string(kMinCapValueLines);
  }
  return options.overlay_destinations > kMaxOverlayDestinations
             ? "overlay destinations " + std::to_string(options.overlay_destinations) + " is more than " +
                   std::to_string(kMaxOverlayDestinations) + ", the largest possible"
             : std::string();
}

// Names a state file; not secret.
std::uint64_t random_life() {
  std::uint64_t life = 0;
  if (::getrandom(&life, sizeof(life), 0) != static_cast<ssize_t>(sizeof(life))) {
    life = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  }
  return life;
}

}  // namespace

Result<std::unique_ptr<SharedState>, SharedState::Error> SharedState::open(const std::string& run_path,
                                                                           const Options& options) {
  if (std::string problem = wrong_size(options); !problem.empty()) {
    return Error{0, std::move(problem)};
  }
  const std::uint64_t overlay = overlay_rows(options.overlay_destinations);
  constexpr std::uint64_t kMaxOverlay = overlay_rows(kMaxOverlayDestinations);
  const StateTableRequest requests[] = {
      {StateTable::counters, kCountersPerSlot * sizeof(std::uint64_t), kSlotCount, kSlotCount, "worker slots"},
      {StateTable::rotation, sizeof(std::uint64_t), kMaxRotationTable, options.rotation_slots, "tributary_rotations"},
      {StateTable::transactions, kTransactionBucketBytes, kMaxTransactionBuckets, options.transaction_buckets,
       "tributary_transactions", spread_transactions},
      {StateTable::caps, sizeof(CapRecord), kMaxCapSlots, options.cap_slots, "tributary_caps"},
      {StateTable::uniques, sizeof(SeenBucket), kMaxSeenBuckets, options.unique_buckets, "tributary_uniques",
       spread_seen, &StateFileHeader::uniques_growing_from},
      {StateTable::last_seen, sizeof(SeenBucket), kMaxSeenBuckets, options.last_seen_buckets, "tributary_anti_repeat",
       spread_seen, &StateFileHeader::last_seen_growing_from},
      {StateTable::overlay_even, sizeof(OverlayRow), kMaxOverlay, overlay, "tributary_overlay"},
      {StateTable::overlay_odd, sizeof(OverlayRow), kMaxOverlay, overlay, "tributary_overlay"},
      {StateTable::recent_clicks, kTransactionBucketBytes, kMaxTransactionBuckets, options.recent_click_buckets,
       "tributary_recent_clicks", spread_transactions},
      {StateTable::cap_values, sizeof(CapValueLine), kMaxCapValueLines, options.cap_value_lines, "tributary_cap_values",
       touch_cap_values, &StateFileHeader::cap_values_growing_from},
  };
  auto file = StateFile::open(run_path + "/state", requests);
  if (!file) {
    return file.error();
  }
  std::unique_ptr<SharedState> state(new SharedState(std::move(file).value(), run_path));
  state->caps_.begin_life(random_life());
  return state;
}

SharedState::SharedState(StateFile file, std::string run_path) noexcept
    : file_(std::move(file)),
      run_path_(std::move(run_path)),
      header_(file_.header()),
      rotation_(file_.entry(StateTable::rotation)),
      transactions_(file_.entry(StateTable::transactions)),
      recent_clicks_(file_.entry(StateTable::recent_clicks)),
      counter_table_(words(file_.table(StateTable::counters))),
      rotation_table_(words(file_.table(StateTable::rotation))),
      transaction_table_(words(file_.table(StateTable::transactions))),
      recent_click_table_(words(file_.table(StateTable::recent_clicks))),
      caps_(records_of<CapRecord>(file_, StateTable::caps), file_.entry(StateTable::caps), header_),
      cap_values_(records_of<CapValueLine>(file_, StateTable::cap_values), file_.entry(StateTable::cap_values),
                  header_),
      uniques_(records_of<SeenBucket>(file_, StateTable::uniques), file_.entry(StateTable::uniques),
               header_.uniques_growing_from),
      last_seen_(records_of<SeenBucket>(file_, StateTable::last_seen), file_.entry(StateTable::last_seen),
                 header_.last_seen_growing_from),
      overlay_(overlay_half(file_, StateTable::overlay_even), overlay_half(file_, StateTable::overlay_odd),
               header_.overlay_active) {}

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

std::uint64_t SharedState::recent_click_ms(std::uint64_t fingerprint) const noexcept {
  const std::uint64_t buckets = shared_word(recent_clicks_.records).load(std::memory_order_acquire);
  return claimed_ms(recent_click_table_, buckets, fingerprint);
}

Claim SharedState::remember_click(std::uint64_t fingerprint, std::uint64_t time_ms) noexcept {
  const std::uint64_t buckets = shared_word(recent_clicks_.records).load(std::memory_order_acquire);
  return claim(recent_click_table_, buckets, fingerprint, time_ms);
}

OverlayApplied SharedState::apply_overlay(const Overlay& overlay) {
  const Fd file(::open((run_path_ + "/overlay.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) {
    return OverlayApplied::io_error;
  }
  const FileLock lock = FileLock::try_take(file.get());
  return lock.held() ? overlay_.apply(overlay.version, overlay.destinations) : OverlayApplied::busy;
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
