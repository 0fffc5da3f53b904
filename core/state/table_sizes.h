#pragma once

#include <cstdint>

namespace tributary {

// The largest and smallest sizes of the tables of the shared state. The largest is reserved as address space.
inline constexpr std::uint64_t kMaxRotationTable = 1u << 24;
inline constexpr std::uint64_t kMaxTransactionBuckets = 1u << 22;
inline constexpr std::uint64_t kMinTransactionBuckets = 1u << 10;
inline constexpr std::uint64_t kMaxCapSlots = 1u << 24;
inline constexpr std::uint64_t kMinSeenBuckets = 1u << 12;
inline constexpr std::uint64_t kMaxSeenBuckets = 1u << 23;
inline constexpr std::uint64_t kMinCapValueLines = 1u << 14;
inline constexpr std::uint64_t kMaxCapValueLines = 1u << 20;
inline constexpr std::uint64_t kMaxOverlayDestinations = 1u << 20;

}  // namespace tributary
