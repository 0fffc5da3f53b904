#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/result.h"

// Signed, self-describing click ids. DOC: docs/click-id.md
//
// 160 bits as 32 lower-case Crockford base32 characters: 108 bits of identity, 52 bits of MAC. A forged, truncated or
// expired id is recognised without any look-up. All functions are pure, noexcept and do not allocate.
namespace tributary {

inline constexpr std::size_t kClickIdLength = 32;
inline constexpr std::uint32_t kMaxCampaignId = (1u << 28) - 1;
inline constexpr std::uint32_t kMaxEdge = (1u << 10) - 1;
inline constexpr std::uint32_t kMaxSlot = (1u << 8) - 1;

// What an id says about its click. Ranges as in the bit layout.
struct ClickIdParts {
  std::uint64_t time_ms = 0;   // 42 bits, milliseconds since 1970
  std::uint32_t edge = 0;      // 10 bits
  std::uint32_t slot = 0;      // 8 bits
  std::uint32_t sequence = 0;  // 16 bits
  std::uint32_t campaign = 0;  // 28 bits
  std::uint32_t key = 0;       // 4 bits
  friend bool operator==(const ClickIdParts&, const ClickIdParts&) = default;
};

// The identity as stored: the upper 108 bits of 128, lower 20 zero; comparing (high, low) orders by time.
struct ClickIdentity {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool empty() const noexcept { return high == 0 && low == 0; }
  friend auto operator<=>(const ClickIdentity&, const ClickIdentity&) = default;
};

struct ClickIdKey {
  std::uint8_t id = 0;  // 0 to 15
  std::array<std::uint8_t, 16> secret{};
  std::uint64_t mint_from_ms = 0;
  std::uint64_t valid_until_ms = 0;  // the last millisecond in which its ids are accepted; 0: no end
  bool valid_at(std::uint64_t now_ms) const noexcept { return valid_until_ms == 0 || now_ms <= valid_until_ms; }
};

// The keys of one snapshot, by id. Holds copies of the secrets.
class ClickIdKeyring {
 public:
  // Later keys replace earlier ones of the same id; ids above 15 are ignored.
  void add(const ClickIdKey& key) noexcept;
  // The key that mints at `now_ms`: of those still valid, the latest mint_from_ms that is not in the future. nullptr
  // when there is none.
  const ClickIdKey* minting(std::uint64_t now_ms) const noexcept;
  const ClickIdKey* find(std::uint32_t id) const noexcept;

 private:
  std::array<ClickIdKey, 16> keys_{};
  std::uint16_t present_ = 0;
};

// `expired` is said only of an id whose MAC is right.
enum class ClickIdError : std::uint8_t { malformed, unknown_key, forged, expired };

// Parts beyond their range are cut to it.
ClickIdentity pack_click_id(const ClickIdParts& parts) noexcept;
ClickIdParts unpack_click_id(const ClickIdentity& identity) noexcept;

// Writes exactly kClickIdLength characters. `key` must be the one that the identity names.
void format_click_id(const ClickIdentity& identity, const ClickIdKey& key,
                     std::span<char, kClickIdLength> out) noexcept;

// Accepts upper and lower case and Crockford's look-alikes. The MAC is compared in constant time.
Result<ClickIdentity, ClickIdError> verify_click_id(std::string_view text, const ClickIdKeyring& keys,
                                                    std::uint64_t now_ms) noexcept;

// (time, sequence) of the next id of one slot. The packed word, (ms << 16 | sequence), lives in the slot file and only
// ever grows: it survives a respawn, a reload and a clock that steps back. A full sequence borrows the next
// millisecond.
std::uint64_t next_click_stamp(std::uint64_t last_stamp, std::uint64_t now_ms) noexcept;

}  // namespace tributary
