#pragma once

#include <cstdint>

// Where each field of a click id sits. DOC: docs/click-id.md
namespace tributary::click_id_layout {

inline constexpr unsigned kTimeBits = 42;
inline constexpr unsigned kEdgeBits = 10;
inline constexpr unsigned kSlotBits = 8;
inline constexpr unsigned kSequenceBits = 16;
inline constexpr unsigned kCampaignBits = 28;
inline constexpr unsigned kKeyBits = 4;
inline constexpr unsigned kMacBits = 52;

inline constexpr unsigned kIdentityBits = kTimeBits + kEdgeBits + kSlotBits + kSequenceBits + kCampaignBits + kKeyBits;
inline constexpr unsigned kSpareBits = 128 - kIdentityBits;  // zero in the stored identity
static_assert(kIdentityBits == 108 && kIdentityBits + kMacBits == 160);

// The sequence is split: its upper four bits end the high word, its lower twelve begin the low one.
inline constexpr unsigned kSequenceHighBits = 64 - kTimeBits - kEdgeBits - kSlotBits;
inline constexpr unsigned kSequenceLowBits = kSequenceBits - kSequenceHighBits;

constexpr std::uint64_t mask(unsigned bits) noexcept {
  return (1ull << bits) - 1;
}

}  // namespace tributary::click_id_layout
