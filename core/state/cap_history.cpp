#include "core/state/cap_history.h"

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

}  // namespace tributary
