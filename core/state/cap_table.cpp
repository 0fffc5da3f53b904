#include "core/state/cap_table.h"

#include "core/state/cap_word.h"

namespace tributary {
namespace {

CapWord load(std::uint64_t& word) noexcept {
  return CapWord(shared_word(word).load(std::memory_order_relaxed));
}

// What is left of `limit` in a window for the takes of this life.
std::uint32_t room_beside(CapWord before, std::uint32_t window, std::uint32_t limit) noexcept {
  const std::uint32_t spent = before.in(window);
  return limit > spent ? limit - spent : 0;
}

CapTake verdict(CapWord taken, CapWord before, std::uint32_t window, std::uint32_t limit) noexcept {
  if (taken.window > window || before.window > window) {
    return CapTake::past;
  }
  return taken.in(window) < room_beside(before, window, limit) ? CapTake::taken : CapTake::full;
}

}  // namespace

CapTake CapTable::take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept {
  if (!holds(slot)) {
    return CapTake::no_slot;
  }
  if (!known()) {
    return CapTake::unknown;
  }
  const CapWord before = load(records_[slot].before);
  auto word = shared_word(records_[slot].taken);
  std::uint64_t current = word.load(std::memory_order_relaxed);
  for (;;) {
    const CapWord taken(current);
    const CapTake answer = verdict(taken, before, window, limit);
    if (answer != CapTake::taken || word.compare_exchange_weak(current, CapWord(window, taken.in(window) + 1).packed(),
                                                               std::memory_order_relaxed)) {
      return answer;
    }
  }
}

CapTake CapTable::would_take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) const noexcept {
  if (!holds(slot)) {
    return CapTake::no_slot;
  }
  return known() ? verdict(load(records_[slot].taken), load(records_[slot].before), window, limit) : CapTake::unknown;
}

void CapTable::give_back(std::uint32_t slot, std::uint32_t window) noexcept {
  if (!holds(slot)) {
    return;
  }
  auto word = shared_word(records_[slot].taken);
  std::uint64_t current = word.load(std::memory_order_relaxed);
  while (CapWord(current).in(window) > 0 &&
         !word.compare_exchange_weak(current, current - 1, std::memory_order_relaxed)) {
  }
}

std::uint32_t CapTable::count_up(std::uint32_t slot, std::uint32_t window) noexcept {
  if (!holds(slot)) {
    return 0;
  }
  auto word = shared_word(records_[slot].taken);
  std::uint64_t current = word.load(std::memory_order_relaxed);
  CapWord next;
  do {
    const CapWord taken(current);
    if (turn_of(taken.window) > turn_of(window)) {
      return 0;  // the place belongs to another cap now
    }
    // A clock that was put back goes on counting in the window it had reached.
    next.window = taken.window > window ? taken.window : window;
    next.count = saturating_add(taken.in(next.window), 1);
  } while (!word.compare_exchange_weak(current, next.packed(), std::memory_order_relaxed));
  return saturating_add(next.count, load(records_[slot].before).in(next.window));
}

std::uint32_t CapTable::count(std::uint32_t slot, std::uint32_t window) const noexcept {
  return holds(slot) ? saturating_add(load(records_[slot].taken).in(window), load(records_[slot].before).in(window))
                     : 0;
}

std::uint32_t CapTable::slots() const noexcept {
  return static_cast<std::uint32_t>(shared_word(entry_->records).load(std::memory_order_acquire));
}

bool CapTable::known() const noexcept {
  const std::uint64_t known_life = shared_word(header_->caps_known).load(std::memory_order_acquire);
  return known_life != 0 && known_life == life();
}

std::uint64_t CapTable::life() const noexcept {
  return shared_word(header_->caps_life).load(std::memory_order_relaxed);
}

void CapTable::begin_life(std::uint64_t random) noexcept {
  std::uint64_t none = 0;
  shared_word(header_->caps_life).compare_exchange_strong(none, random | 1, std::memory_order_relaxed);
}

CapRestored CapTable::restore(std::uint64_t asked_by, std::span<const std::uint64_t> before) noexcept {
  if (asked_by != life()) {
    return CapRestored::other_life;
  }
  if (known()) {
    return CapRestored::already_known;
  }
  if (before.size() > slots()) {
    return CapRestored::no_slot;
  }
  for (std::size_t slot = 0; slot < before.size(); ++slot) {
    // Upwards only: of two who restore at once, neither can open what the other has closed.
    auto word = shared_word(records_[slot].before);
    std::uint64_t current = word.load(std::memory_order_relaxed);
    while (current < before[slot] && !word.compare_exchange_weak(current, before[slot], std::memory_order_relaxed)) {
    }
  }
  shared_word(header_->caps_known).store(asked_by, std::memory_order_release);
  return CapRestored::restored;
}

}  // namespace tributary
