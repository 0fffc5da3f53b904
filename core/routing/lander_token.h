#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/result.h"
#include "core/click_id/click_id.h"

// What the links of a lander hand back ({lander_click}): the id of the click, and signed with it the stream and the
// lander that the visitor was shown. Nobody can move his click to another stream. DOC: docs/landers.md
namespace tributary {

inline constexpr std::size_t kLanderTokenLength = kClickIdLength + 24;
using LanderTokenText = std::array<char, kLanderTokenLength>;

struct LanderToken {
  ClickIdentity click;
  std::uint32_t stream = 0;
  std::uint32_t lander = 0;
};

// `key` must be the one that the identity names.
LanderTokenText write_lander_token(const LanderToken& token, const ClickIdKey& key) noexcept;

// As verify_click_id: an error is of the id, or `forged` when stream or lander are not those that were signed.
Result<LanderToken, ClickIdError> read_lander_token(std::string_view text, const ClickIdKeyring& keys,
                                                    std::uint64_t now_ms) noexcept;

}  // namespace tributary
