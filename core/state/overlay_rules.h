#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "core/state/overlay.h"

// What builder and reader of overlays agree on.
namespace tributary {

// What rows are sorted by, and of which each value stands once.
inline std::uint32_t overlay_key(const DestinationFacts& row) noexcept {
  return row.id;
}
inline std::uint32_t overlay_key(const CapTotal& row) noexcept {
  return row.slot;
}
inline std::pair<std::uint32_t, std::uint64_t> overlay_key(const CapValueTotal& row) noexcept {
  return {row.slot, row.hash};
}
// High and low half, as PostgreSQL's uuid is read: big-endian.
std::pair<std::uint64_t, std::uint64_t> overlay_key(const JournalProgress& row) noexcept;
JournalId journal_id(std::uint64_t high, std::uint64_t low) noexcept;

// What is wrong with an overlay whose rows are sorted; empty when all is well.
std::string overlay_problem(const Overlay& overlay);

}  // namespace tributary
