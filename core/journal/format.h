#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// Bytes on disk and in the ring. DOC: docs/journal-format.md
//
// A journal is one life of one worker slot. Its records form one stream; a position is a byte offset in that stream and
// only grows. The stream is cut into segment files, each named by its journal and its first position.
namespace tributary {

using JournalId = std::array<std::uint8_t, 16>;
using Position = std::uint64_t;

inline constexpr std::size_t kRecordAlignment = 16;
inline constexpr std::size_t kMaxRecordPayload = 1u << 20;  // 1 MiB
inline constexpr std::size_t kSegmentHeaderSize = 4096;
inline constexpr std::size_t kRingHeaderSize = 4096;
inline constexpr std::size_t kDefaultRingBytes = 16u << 20;
inline constexpr std::size_t kDefaultSegmentBytes = 64u << 20;

// Who a journal is; in the header of its ring and of every segment.
struct JournalIdentity {
  JournalId id{};
  std::uint32_t edge = 0;
  std::uint32_t slot = 0;
  std::uint32_t partition = 0;
  std::uint64_t created_ms = 0;
};

// Precedes every payload. `header_crc` is CRC32C of the other header bytes, seeded by journal id and position, so that
// a record copied elsewhere or left from another life does not check. The next record is at position +
// aligned(sizeof(RecordHeader) + length). Padding is zero.
struct RecordHeader {
  std::uint32_t magic;
  std::uint32_t length;       // of the payload, without padding
  std::uint32_t payload_crc;  // CRC32C of the payload
  std::uint32_t header_crc;
};
static_assert(sizeof(RecordHeader) == 16);

constexpr std::size_t record_size(std::size_t payload) noexcept {
  return (sizeof(RecordHeader) + payload + kRecordAlignment - 1) & ~(kRecordAlignment - 1);
}
inline constexpr std::size_t kMaxRecordSize = record_size(kMaxRecordPayload);

}  // namespace tributary
