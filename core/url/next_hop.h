#pragma once

#include <cstddef>
#include <string_view>

namespace tributary {

inline constexpr std::size_t kMaxNextHop = 4096;  // bytes of a URL that a request names

// What is wrong with the beginning of a URL that next hops may have; empty when nothing is: http or https, a literal
// host, a plain path, neither query nor fragment.
std::string_view next_hop_problem(std::string_view allowed) noexcept;

// Whether `url`, which a stranger wrote, is a URL that begins with `allowed`: the same scheme, host and port, and a
// path that is the same or lies below it, segment by segment. What browsers would repair or climb out of (backslashes,
// control bytes, spaces, "..", in any spelling) is refused.
bool is_next_hop(std::string_view url, std::string_view allowed) noexcept;

}  // namespace tributary
