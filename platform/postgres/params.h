#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "platform/postgres/binary.h"

namespace tributary {

// The parameters $1, $2, … of one statement, in order. Values are copied.
class Params {
 public:
  Params& boolean(bool value) { return begin(oid::kBool), writer_.boolean(value), *this; }
  Params& int4(std::int32_t value) { return begin(oid::kInt4), writer_.int4(value), *this; }
  Params& int8(std::int64_t value) { return begin(oid::kInt8), writer_.int8(value), *this; }
  Params& text(std::string_view value) { return begin(oid::kText), writer_.text(value), *this; }
  Params& bytes(std::span<const char> value) { return begin(oid::kBytea), writer_.bytes(value), *this; }
  Params& uuid(std::span<const std::uint8_t, 16> value) { return begin(oid::kUuid), writer_.uuid(value), *this; }
  Params& timestamptz(std::int64_t unix_us) { return begin(oid::kTimestamptz), writer_.timestamptz(unix_us), *this; }
  Params& money(std::int64_t micros) { return begin(oid::kNumeric), writer_.money(micros), *this; }
  Params& null() { return begin(0), writer_.null(), *this; }

  // Written as text, its type found by the server: for uuid, jsonb, dates, enums and the like in their usual spelling.
  Params& untyped(std::string_view value);

  // One array parameter: `write(writer, item)` appends one field per item.
  template <typename Items, typename Write>
  Params& array(std::uint32_t array_oid, std::uint32_t element_oid, const Items& items, Write write) {
    begin(array_oid);
    const std::size_t mark = writer_.begin_array(element_oid, static_cast<std::uint32_t>(std::size(items)), true);
    for (const auto& item : items) write(writer_, item);
    writer_.end_field(mark);
    return *this;
  }

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  friend class Connection;
  struct Entry {
    std::size_t offset;  // of the field's length word
    std::uint32_t oid;
    bool text;
  };
  void begin(std::uint32_t type) { entries_.push_back({writer_.size(), type, false}); }

  BinaryWriter writer_;
  std::vector<Entry> entries_;
};

}  // namespace tributary
