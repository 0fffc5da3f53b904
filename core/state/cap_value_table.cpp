#include "core/state/cap_value_table.h"

#include "core/state/cap_value.h"

namespace tributary {
namespace {

constexpr std::uint64_t kTouch = std::uint64_t{1} << 48;
constexpr std::uint64_t kTouchBits = 3 * kTouch;
constexpr std::uint64_t kCountBits = CapValueTable::kMaxCount;
constexpr std::uint64_t kIdentityBits = ~(kTouchBits | kCountBits);

std::uint64_t load(std::uint64_t& word) noexcept {
  return shared_word(word).load(std::memory_order_acquire);
}

std::uint32_t end_of(std::uint64_t word) noexcept {
  return static_cast<std::uint32_t>(word >> 50);
}

std::uint32_t count_of(std::uint64_t word) noexcept {
  return static_cast<std::uint32_t>(word & kCountBits);
}

std::uint64_t identity_of(CapValue value) noexcept {
  return std::uint64_t{value.ends} << 50 | (value.key >> 36) << 20;
}

bool swap(std::uint64_t* word, std::uint64_t seen, std::uint64_t next) noexcept {
  return shared_word(*word).compare_exchange_strong(seen, next, std::memory_order_acq_rel);
}

}  // namespace

std::uint64_t CapValueTable::lines() const noexcept {
  return shared_word(entry_->records).load(std::memory_order_seq_cst);
}

// Places are taken in their order at first, so behind an empty one there is nothing.
CapValueTable::Look CapValueTable::look(CapValue value) const noexcept {
  Look look{lines()};
  const std::uint64_t identity = identity_of(value);
  for (std::uint64_t line = value.key % kGroups; line < look.lines; line += kGroups) {
    for (std::uint64_t& word : lines_[line].words) {
      const std::uint64_t seen = load(word);
      if ((seen & kIdentityBits) == identity) {
        look.entry = {&word, seen};
        return look;
      }
      if (look.first.word == nullptr || end_of(seen) < end_of(look.first.seen)) {
        look.first = {&word, seen};
      }
      if (end_of(seen) == 0) {
        return look;
      }
    }
  }
  return look;
}

CapTake CapValueTable::room_for(const Look& look, CapValue value, std::uint64_t now_ms) const noexcept {
  const bool growing = shared_word(header_->cap_values_growing_from).load(std::memory_order_seq_cst) != 0;
  if (look.first.word == nullptr || growing || end_of(look.first.seen) > cap_value_unit(now_ms / 1000)) {
    return CapTake::no_place;
  }
  return value.ends <= load(header_->cap_values_forgotten) ? CapTake::past : CapTake::taken;
}

CapTake CapValueTable::verdict(const Look& look, CapValue value, std::uint32_t limit,
                               std::uint64_t now_ms) const noexcept {
  if (look.entry.word != nullptr) {
    return count_of(look.entry.seen) < std::min(limit, kMaxCount) ? CapTake::taken : CapTake::full;
  }
  return limit == 0 ? CapTake::full : room_for(look, value, now_ms);
}

// What is forgotten for it is known to have been forgotten before it is.
bool CapValueTable::replace(const Look& look, CapValue value, std::uint32_t count, std::uint64_t now_ms) noexcept {
  if (end_of(look.first.seen) != 0) {
    auto forgotten = shared_word(header_->cap_values_forgotten);
    const std::uint64_t now = cap_value_unit(now_ms / 1000);
    std::uint64_t known = forgotten.load(std::memory_order_relaxed);
    while (known < now && !forgotten.compare_exchange_weak(known, now, std::memory_order_acq_rel)) {
    }
  }
  // Whoever looked before the table grew looks again: afterwards only a look at all of it may choose a place.
  return lines() == look.lines &&
         swap(look.first.word, look.first.seen, identity_of(value) | (look.first.seen & kTouchBits) | count);
}

CapTake CapValueTable::take(CapValue value, std::uint32_t limit, std::uint64_t now_ms) noexcept {
  for (;;) {
    const Look found = look(value);
    const CapTake answer = verdict(found, value, limit, now_ms);
    if (answer != CapTake::taken) {
      return answer;
    }
    if (found.entry.word != nullptr ? swap(found.entry.word, found.entry.seen, found.entry.seen + 1)
                                    : replace(found, value, 1, now_ms)) {
      return CapTake::taken;
    }
  }
}

CapTake CapValueTable::would_take(CapValue value, std::uint32_t limit, std::uint64_t now_ms) const noexcept {
  return verdict(look(value), value, limit, now_ms);
}

void CapValueTable::give_back(CapValue value) noexcept {
  for (Look found = look(value); found.entry.word != nullptr && count_of(found.entry.seen) > 0; found = look(value)) {
    if (swap(found.entry.word, found.entry.seen, found.entry.seen - 1)) {
      return;
    }
  }
}

std::uint32_t CapValueTable::count(CapValue value) const noexcept {
  const Look found = look(value);
  return found.entry.word == nullptr ? 0 : count_of(found.entry.seen);
}

bool CapValueTable::raise(CapValue value, std::uint32_t count, std::uint64_t now_ms) noexcept {
  count = std::min(count, kMaxCount);
  if (value.ends <= cap_value_unit(now_ms / 1000)) {
    return true;  // its window is over
  }
  for (;;) {
    const Look found = look(value);
    if (found.entry.word != nullptr) {
      const std::uint32_t held = count_of(found.entry.seen);
      if (held >= count || swap(found.entry.word, found.entry.seen, found.entry.seen + (count - held))) {
        return true;
      }
    } else if (room_for(found, value, now_ms) != CapTake::taken) {
      return false;
    } else if (replace(found, value, count, now_ms)) {
      return true;
    }
  }
}

void touch_cap_values(std::span<char> table, std::uint64_t old_lines, std::uint64_t) noexcept {
  auto* words = reinterpret_cast<std::uint64_t*>(table.data());
  for (std::uint64_t i = 0; i < old_lines * 8; ++i) {
    auto word = shared_word(words[i]);
    std::uint64_t seen = word.load(std::memory_order_relaxed);
    while (!word.compare_exchange_weak(seen, (seen & ~kTouchBits) | ((seen + kTouch) & kTouchBits),
                                       std::memory_order_acq_rel)) {
    }
  }
}

}  // namespace tributary
