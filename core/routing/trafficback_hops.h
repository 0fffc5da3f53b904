#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/click_id/click_id.h"
#include "core/request/query.h"

// How often a visitor was passed on by trafficback, carried from hop to hop in a parameter of the URL. It is signed:
// nobody can write a count of his own, and one that is altered counts as none. DOC: docs/routing.md
namespace tributary {

inline constexpr std::string_view kHopParameter = "tributary_hop";
inline constexpr std::size_t kHopTextLength = 16;
inline constexpr unsigned kMaxHops = 63;
inline constexpr std::uint64_t kHopLife_ms = 10 * 60'000;  // a loop is faster; an old link is no loop

// The parameter as it stands in a query: name, '=' and the signed count.
using HopText = std::array<char, kHopParameter.size() + 1 + kHopTextLength>;

// The highest count in these parameters that one of our keys has signed within its life; 0 when there is none.
unsigned read_hops(std::span<const QueryParameter> parameters, const ClickIdKeyring& keys,
                   std::uint64_t now_ms) noexcept;

// `hops` up to kMaxHops.
HopText write_hops(unsigned hops, const ClickIdKey& key, std::uint64_t now_ms) noexcept;

// Whether a rendered URL leads to this host (in lower case, without port).
bool leads_to(std::string_view url, std::string_view host) noexcept;

}  // namespace tributary
