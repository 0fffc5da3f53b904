#include "core/journal/segment_header.h"

#include <cstring>

#include "core/base/crc32c.h"

namespace tributary {
namespace {

constexpr std::uint64_t kSegmentMagic = 0x31474553'42495254;  // "TRIBSEG1"
constexpr std::uint32_t kByteOrderMark = 0x01020304;
constexpr std::uint32_t kVersion = 1;

struct Layout {
  std::uint64_t magic;
  std::uint32_t byte_order;
  std::uint32_t version;
  JournalId id;
  std::uint64_t first;
  std::uint64_t capacity;
  std::uint64_t journal_created_ms;
  std::uint64_t created_ms;
  std::uint32_t edge;
  std::uint32_t slot;
  std::uint32_t partition;
  std::uint32_t header_crc;
};
static_assert(sizeof(Layout) == 80 && offsetof(Layout, header_crc) == 76);

std::uint32_t layout_crc(const Layout& layout) noexcept {
  return crc32c(0, &layout, offsetof(Layout, header_crc));
}

}  // namespace

void encode_segment_header(const SegmentHeader& header, std::span<char, kSegmentHeaderSize> out) noexcept {
  const JournalIdentity& identity = header.identity;
  Layout layout{.magic = kSegmentMagic,
                .byte_order = kByteOrderMark,
                .version = kVersion,
                .id = identity.id,
                .first = header.first,
                .capacity = header.capacity,
                .journal_created_ms = identity.created_ms,
                .created_ms = header.created_ms,
                .edge = identity.edge,
                .slot = identity.slot,
                .partition = identity.partition,
                .header_crc = 0};
  layout.header_crc = layout_crc(layout);
  std::memset(out.data(), 0, out.size());
  std::memcpy(out.data(), &layout, sizeof(layout));
}

std::optional<SegmentHeader> decode_segment_header(std::span<const char> bytes, SegmentHeaderError& error) noexcept {
  error = SegmentHeaderError::damaged;
  Layout layout;
  if (bytes.size() < sizeof(layout)) return std::nullopt;
  std::memcpy(&layout, bytes.data(), sizeof(layout));
  bool other_order = layout.byte_order == __builtin_bswap32(kByteOrderMark);
  std::uint64_t magic = other_order ? __builtin_bswap64(layout.magic) : layout.magic;
  if (magic != kSegmentMagic) return std::nullopt;
  bool sound = layout.header_crc == layout_crc(layout);
  // A host of the other byte order stores the same CRC the other way round.
  if (other_order ? __builtin_bswap32(layout.header_crc) == layout_crc(layout) : sound && layout.version != kVersion) {
    error = SegmentHeaderError::foreign;
    return std::nullopt;
  }
  if (!sound || other_order) return std::nullopt;
  SegmentHeader header;
  header.identity = {layout.id, layout.edge, layout.slot, layout.partition, layout.journal_created_ms};
  header.first = layout.first;
  header.capacity = layout.capacity;
  header.created_ms = layout.created_ms;
  return header;
}

}  // namespace tributary
