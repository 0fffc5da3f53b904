#pragma once

#include <span>
#include <string_view>

#include "core/request/query.h"

namespace tributary::fbs {
struct Campaign;
}

namespace tributary {

// The next hop that a request shows in its parameter `url`, decoded, where the campaign allows it; else empty: the
// click is routed like every other one. Decodes into `buffer` when it must; the view is into it or into the parameter.
std::string_view shown_next_hop(const fbs::Campaign& campaign, std::span<const QueryParameter> parameters,
                                std::span<char> buffer) noexcept;

}  // namespace tributary
