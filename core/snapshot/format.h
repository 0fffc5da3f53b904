#pragma once

#include <cstddef>
#include <cstdint>

// Numbers of schema/snapshot.fbs that every reader and writer must agree on. DOC: docs/snapshot-format.md
namespace tributary {

// The format this build writes, and those it reads. A field that readers must understand to serve rightly needs a new
// number; one that they may ignore does not.
inline constexpr std::uint32_t kSnapshotFormat = 1;
inline constexpr std::uint32_t kMinSnapshotFormat = 1;
inline constexpr std::uint32_t kMaxSnapshotFormat = 1;

inline constexpr std::size_t kMaxSnapshotBytes = 1u << 30;  // FlatBuffers ends at 2 GiB
inline constexpr std::size_t kMaxHostLength = 253;
inline constexpr std::size_t kMaxSlugLength = 255;
inline constexpr std::size_t kMaxNetworkKeyLength = 255;
inline constexpr std::size_t kMaxStreamDestinations = 1024;
inline constexpr std::size_t kMaxStreamLanders = 256;
inline constexpr std::size_t kMaxStreamsPerCampaign = 1024;
inline constexpr std::size_t kMaxRotationStreams = 64;  // of a rotation that campaigns share
inline constexpr std::size_t kMaxParameterNames = 64;
inline constexpr std::size_t kMaxNextHops = 64;
inline constexpr std::size_t kMaxSourceNames = 256;           // of one traffic source
inline constexpr std::size_t kMaxSourceName = 64;             // bytes
inline constexpr std::size_t kMaxTextLength = 4096;           // any other string
inline constexpr std::uint32_t kMaxRotationSlots = 1u << 24;  // capacity of the shared rotation table
inline constexpr std::uint32_t kMaxCapSlots = 1u << 24;       // capacity of the shared table of caps
inline constexpr std::size_t kMaxDestinationSchedules = 64;
inline constexpr std::size_t kMaxCaps = 32;          // of one destination or stream
inline constexpr std::size_t kMaxOverflowChain = 6;  // destinations behind the first one
inline constexpr std::size_t kMaxZoneOffsets = 1024;
inline constexpr std::int32_t kMaxZoneOffset_s = 26 * 3600;
inline constexpr std::int64_t kZonePast_s = 366 * 86'400;  // what a snapshot knows of a zone, from its making
inline constexpr std::int64_t kZoneFuture_s = 10LL * 366 * 86'400;
inline constexpr std::size_t kClickKeyBytes = 16;
inline constexpr std::size_t kMaxClickKeys = 16;
inline constexpr std::size_t kSecretHashBytes = 32;
inline constexpr std::size_t kMinSignatureSecret = 16;
inline constexpr std::size_t kMaxSignatureSecret = 128;
inline constexpr std::size_t kMaxSignatureSecrets = 8;  // of one advertiser or network at once
inline constexpr std::size_t kMinNetworkSecret = 8;     // bytes: networks give them out, as short as they like
inline constexpr std::size_t kMaxSignedParameters = 16;
inline constexpr std::size_t kMaxSignatureCarrier = 64;  // bytes
inline constexpr std::uint32_t kMaxSignatureTolerance_s = 86'400;

constexpr bool is_redirect_status(std::uint16_t status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307;
}

}  // namespace tributary
