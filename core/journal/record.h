#pragma once

#include <cstring>
#include <span>

#include "core/base/crc32c.h"
#include "core/journal/format.h"

namespace tributary {

inline constexpr std::uint32_t kRecordMagic = 0x43455254;  // "TREC"

// Writes and checks record headers of one journal.
class RecordCodec {
 public:
  explicit RecordCodec(const JournalId& id) noexcept : seed_(crc32c(0, id.data(), id.size())) {}

  // Completes the record whose payload of `length` bytes already stands behind `at`: header before, zero padding after.
  void seal(char* at, std::size_t length, Position position) const noexcept {
    RecordHeader header{kRecordMagic, static_cast<std::uint32_t>(length), 0, 0};
    std::memset(at + sizeof(header) + length, 0, record_size(length) - sizeof(header) - length);
    header.payload_crc = crc32c(0, at + sizeof(header), length);
    header.header_crc = header_crc(header, position);
    std::memcpy(at, &header, sizeof(header));
  }

  // True when a record header of this journal and this position stands at `at` (16 bytes are read).
  bool check_header(const char* at, Position position, RecordHeader& header) const noexcept {
    std::memcpy(&header, at, sizeof(header));
    return header.magic == kRecordMagic && header.length <= kMaxRecordPayload &&
           header.header_crc == header_crc(header, position);
  }

  static bool check_payload(const RecordHeader& header, std::span<const char> payload) noexcept {
    return header.payload_crc == crc32c(0, payload.data(), payload.size());
  }

 private:
  std::uint32_t header_crc(const RecordHeader& header, Position position) const noexcept {
    struct {
      Position position;
      std::uint32_t words[4];
    } covered{position, {header.magic, header.length, header.payload_crc, 0}};
    return crc32c(seed_, &covered, sizeof(covered));
  }

  std::uint32_t seed_;
};

}  // namespace tributary
