#include <bit>

#include "core/click_id/click_id.h"

namespace tributary {

void ClickIdKeyring::add(const ClickIdKey& key) noexcept {
  if (key.id >= keys_.size()) {
    return;
  }
  keys_[key.id] = key;
  present_ = static_cast<std::uint16_t>(present_ | 1u << key.id);
}

const ClickIdKey* ClickIdKeyring::minting(std::uint64_t now_ms) const noexcept {
  const ClickIdKey* best = nullptr;
  for (unsigned left = present_; left != 0; left &= left - 1) {
    const ClickIdKey& key = keys_[static_cast<std::size_t>(std::countr_zero(left))];
    if (key.mint_from_ms <= now_ms && key.valid_at(now_ms) &&
        (best == nullptr || key.mint_from_ms > best->mint_from_ms)) {
      best = &key;
    }
  }
  return best;
}

const ClickIdKey* ClickIdKeyring::find(std::uint32_t id) const noexcept {
  return id < keys_.size() && (present_ >> id & 1) != 0 ? &keys_[id] : nullptr;
}

}  // namespace tributary
