#pragma once

#include <cstdint>
#include <span>

#include "core/journal/format.h"

namespace tributary {

// One step of reading. Exactly one of these comes out for every byte of the stream.
struct JournalItem {
  enum class Kind : std::uint8_t {
    record,   // `bytes` is the payload
    damaged,  // `bytes` are the bytes that do not check, from `position` up to `next`; at most kMaxRecordSize
    gap,      // nothing exists between `position` and `next`: a segment is missing, or was never written there
  };
  Kind kind = Kind::record;
  Position position = 0;
  Position next = 0;
  std::span<const char> bytes;  // valid until the next call of read() or release()
};

}  // namespace tributary
