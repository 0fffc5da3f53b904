#include "core/state/cap_history.h"

#include <algorithm>

#include "core/state/cap_word.h"
#include "core/state/table_sizes.h"

namespace tributary {

void CapHistory::add(std::uint32_t slot, std::uint32_t window, std::uint32_t count) {
  if (slot >= kMaxCapSlots) {
    return;
  }
  if (slot >= words_.size()) {
    words_.resize(slot + 1);
  }
  const CapWord held(words_[slot]);
  if (window >= held.window) {
    words_[slot] = CapWord(window, saturating_add(held.in(window), count)).packed();
  }
}

void CapHistory::add(CapValue value, std::uint32_t count) {
  OfValue& held = values_[value.key];
  held = {value.ends, saturating_add(held.count, count)};
}

bool CapHistory::restore_values(CapValueTable& table, std::uint64_t now_ms) const {
  return std::all_of(values_.begin(), values_.end(), [&](const auto& item) {
    return table.raise({item.first, item.second.ends}, item.second.count, now_ms);
  });
}

}  // namespace tributary
