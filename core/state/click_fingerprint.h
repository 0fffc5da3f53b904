#pragma once

#include <xxhash.h>

#include <cstdint>
#include <string_view>

namespace tributary {

// In place of a campaign: the latest call with this id in whatever campaign, and that there were calls in several.
// No campaign has these numbers.
inline constexpr std::uint32_t kAnyCampaign = 0;
inline constexpr std::uint32_t kSeveralCampaigns = 0xffff'ffff;

// What a call of /click is remembered by: its click id is unique per affiliate and campaign. The seed is a hash itself:
// counting seeds would make numbered ids of neighbouring campaigns the same.
inline std::uint64_t click_fingerprint(std::uint32_t affiliate, std::uint32_t campaign,
                                       std::string_view click_id) noexcept {
  const std::uint64_t owner = std::uint64_t{affiliate} << 32 | campaign;
  return ::XXH3_64bits_withSeed(click_id.data(), click_id.size(), ::XXH3_64bits(&owner, sizeof owner));
}

}  // namespace tributary
