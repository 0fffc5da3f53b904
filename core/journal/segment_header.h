#pragma once

#include <optional>
#include <span>

#include "core/journal/format.h"

namespace tributary {

// The first 4096 bytes of a segment file; the rest of them is zero. `header_crc` covers everything before it.
struct SegmentHeader {
  JournalIdentity identity;
  Position first = 0;
  std::uint64_t capacity = 0;    // bytes for records behind the header
  std::uint64_t created_ms = 0;  // of this file; identity.created_ms is that of the journal
};

enum class SegmentHeaderError : std::uint8_t {
  damaged,  // magic or CRC is wrong: the file name still says where it begins
  foreign,  // a sound header of another format version or byte order
};

void encode_segment_header(const SegmentHeader& header, std::span<char, kSegmentHeaderSize> out) noexcept;

// `error` is set when nothing comes back.
std::optional<SegmentHeader> decode_segment_header(std::span<const char> bytes, SegmentHeaderError& error) noexcept;

}  // namespace tributary
