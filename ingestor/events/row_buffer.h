#pragma once

#include <cstdint>
#include <vector>

#include "platform/postgres/binary.h"

namespace tributary::ingest {

// The rows of one table, already in the form in which COPY sends them. The number of the batch is not known while rows
// are made (the transaction gives it), so its place is kept open: it is an int8 among fixed-width columns and lies at
// the same offset in every row.
class RowBuffer {
 public:
  // `fixed_before` is how many bytes of fields stand before the batch column in each row.
  explicit RowBuffer(std::size_t fixed_before) : batch_offset_(sizeof(std::int16_t) + fixed_before + 4) {}

  BinaryWriter& begin_row(std::int16_t columns) {
    starts_.push_back(writer_.size());
    writer_.begin_row(columns);
    return writer_;
  }

  void set_batch(std::int64_t batch) noexcept {
    for (const std::size_t start : starts_) writer_.overwrite_int8(start + batch_offset_, batch);
  }

  // Replaces an int2 of one row, before which `fixed_before` bytes of fields stand.
  void set_int2(std::size_t row, std::size_t fixed_before, std::int16_t value) noexcept {
    writer_.overwrite_int2(starts_[row] + sizeof(std::int16_t) + fixed_before + 4, value);
  }

  std::size_t rows() const noexcept { return starts_.size(); }
  std::span<const char> data() const noexcept { return writer_.data(); }

 private:
  std::size_t batch_offset_;
  BinaryWriter writer_;
  std::vector<std::size_t> starts_;
};

}  // namespace tributary::ingest
