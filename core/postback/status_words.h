#pragma once

#include <string_view>

#include "core/event/event.h"

namespace tributary {

// Words whose meaning all networks share, for what a network's own map does not name. Ignores case. Numbers are never
// guessed: their meaning differs from network to network. `unmapped` when the word is not one of them.
ConversionStatus find_status_word(std::string_view word) noexcept;

}  // namespace tributary
