#pragma once

#include <string_view>

namespace tributary {

// Does the mask cover the whole text? `*` stands for any text, `?` for one byte, everything else for itself. The work
// is bounded by the product of both lengths; parts without `?` are found as fast as memory is searched.
bool mask_matches(std::string_view mask, std::string_view text) noexcept;

}  // namespace tributary
