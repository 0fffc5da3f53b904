#include <algorithm>

#include "core/click_id/click_id.h"
#include "core/click_id/layout.h"

namespace tributary {

using namespace click_id_layout;

ClickIdentity pack_click_id(const ClickIdParts& parts) noexcept {
  std::uint64_t high = parts.time_ms & mask(kTimeBits);
  high = high << kEdgeBits | (parts.edge & mask(kEdgeBits));
  high = high << kSlotBits | (parts.slot & mask(kSlotBits));
  high = high << kSequenceHighBits | (parts.sequence >> kSequenceLowBits & mask(kSequenceHighBits));
  std::uint64_t low = parts.sequence & mask(kSequenceLowBits);
  low = low << kCampaignBits | (parts.campaign & mask(kCampaignBits));
  low = low << kKeyBits | (parts.key & mask(kKeyBits));
  return {high, low << kSpareBits};
}

ClickIdParts unpack_click_id(const ClickIdentity& identity) noexcept {
  const auto take = [](std::uint64_t& word, unsigned bits) {
    const std::uint64_t value = word & mask(bits);
    word >>= bits;
    return static_cast<std::uint32_t>(value);
  };
  ClickIdParts parts;
  std::uint64_t low = identity.low >> kSpareBits;
  parts.key = take(low, kKeyBits);
  parts.campaign = take(low, kCampaignBits);
  parts.sequence = take(low, kSequenceLowBits);
  std::uint64_t high = identity.high;
  parts.sequence |= take(high, kSequenceHighBits) << kSequenceLowBits;
  parts.slot = take(high, kSlotBits);
  parts.edge = take(high, kEdgeBits);
  parts.time_ms = high;
  return parts;
}

std::uint64_t next_click_stamp(std::uint64_t last_stamp, std::uint64_t now_ms) noexcept {
  return std::max(last_stamp + 1, now_ms << kSequenceBits);
}

}  // namespace tributary
