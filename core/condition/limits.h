#pragma once

#include <cstddef>

// Bounds of conditions: of what is compiled, and of what a click looks at. DOC: docs/conditions.md
namespace tributary {

inline constexpr std::size_t kMaxStreamConditions = 64;
inline constexpr std::size_t kMaxAcceptedValues = 50'000;  // of one condition
inline constexpr std::size_t kMaxAcceptedText = 512;       // bytes of one of them
inline constexpr std::size_t kMaxMasks = 256;
inline constexpr std::size_t kMaxRegexes = 32;
inline constexpr std::size_t kMaxRegexMemory = 1u << 19;    // bytes of one compiled expression and its cache
inline constexpr std::size_t kMaxRegexSize = 2048;          // instructions of one compiled expression
inline constexpr std::size_t kMaxCampaignWork = 16'384;     // such instructions of all conditions of a campaign
inline constexpr std::size_t kMaskBytesOfInstruction = 64;  // of masks with `?`: they take as long as one
inline constexpr std::size_t kMaxConditionArgument = 64;
inline constexpr std::size_t kMaxMatchedText = 2048;  // what is behind it in a header or value is not looked at

}  // namespace tributary
