#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/click_id/click_id.h"

namespace tributary {

inline constexpr std::size_t kMacTagLength = 16;
inline constexpr std::size_t kMaxMacWords = 4;

// SipHash-2-4 of a tag of 16 letters, which says what is signed, and the words behind it, under a key that also signs
// click ids. Those are messages of 16 bytes: with words behind the tag, nothing signed here can pass for one.
std::uint64_t tagged_mac(std::string_view tag, std::span<const std::uint64_t> words, const ClickIdKey& key) noexcept;

}  // namespace tributary
