#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

// PostgreSQL's binary representation, as COPY … (FORMAT binary) and binary parameters want it: a 32-bit length, then
// the value, all big-endian. Values are not checked here: text must be valid UTF-8 without NUL before it comes in.
namespace tributary {

// Type numbers of the server's catalogue that we send.
namespace oid {
inline constexpr std::uint32_t kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25,
                               kTimestamptz = 1184, kNumeric = 1700, kUuid = 2950;
inline constexpr std::uint32_t kBoolArray = 1000, kByteaArray = 1001, kInt2Array = 1005, kInt4Array = 1007,
                               kTextArray = 1009, kInt8Array = 1016, kTimestamptzArray = 1185, kNumericArray = 1231,
                               kUuidArray = 2951;
}  // namespace oid

inline constexpr std::int64_t kPostgresEpochUs = 946'684'800'000'000;  // 2000-01-01 in microseconds since 1970

// Appends fields to a buffer that it owns. Not thread-safe; views from data() live until the next append.
class BinaryWriter {
 public:
  void null() { put32(0xffffffffu); }
  void boolean(bool value);
  void int2(std::int16_t value);
  void int4(std::int32_t value);
  void int8(std::int64_t value);
  void text(std::string_view value) { bytes({value.data(), value.size()}); }
  void bytes(std::span<const char> value);
  void uuid(std::uint64_t high, std::uint64_t low);
  void uuid(std::span<const std::uint8_t, 16> value);
  void timestamptz(std::int64_t unix_us) { int8(unix_us - kPostgresEpochUs); }
  void inet(std::span<const std::uint8_t> address);  // 4 or 16 bytes; anything else is null
  void money(__int128 micros);  // numeric with six decimals; 128 bits, because sums of legal amounts need them

  void text_or_null(std::string_view value) { value.empty() ? null() : text(value); }

  // One-dimensional array: header, then exactly `count` fields, then end_field(the returned mark).
  std::size_t begin_array(std::uint32_t element_oid, std::uint32_t count, bool has_nulls = false);
  void end_field(std::size_t mark) noexcept;

  void begin_row(std::int16_t columns) { put16(static_cast<std::uint16_t>(columns)); }

  std::span<const char> data() const noexcept { return {buffer_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }
  void clear() noexcept { size_ = 0; }

  // Replace the value of a field; `offset` is that of its first value byte.
  void overwrite_int2(std::size_t offset, std::int16_t value) noexcept {
    store16(buffer_.get() + offset, static_cast<std::uint16_t>(value));
  }
  void overwrite_int8(std::size_t offset, std::int64_t value) noexcept {
    store64(buffer_.get() + offset, static_cast<std::uint64_t>(value));
  }

 private:
  char* room(std::size_t bytes) {
    if (size_ + bytes > capacity_) grow(bytes);
    char* out = buffer_.get() + size_;
    size_ += bytes;
    return out;
  }
  void grow(std::size_t bytes);
  static void store16(char* out, std::uint16_t value) noexcept;
  static void store32(char* out, std::uint32_t value) noexcept;
  static void store64(char* out, std::uint64_t value) noexcept;
  void put16(std::uint16_t value) { store16(room(2), value); }
  void put32(std::uint32_t value) { store32(room(4), value); }

  std::unique_ptr<char[]> buffer_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

static_assert(std::endian::native == std::endian::little, "the byte swaps below assume a little-endian machine");

inline void BinaryWriter::store16(char* out, std::uint16_t value) noexcept {
  value = __builtin_bswap16(value);
  std::memcpy(out, &value, sizeof value);
}

inline void BinaryWriter::store32(char* out, std::uint32_t value) noexcept {
  value = __builtin_bswap32(value);
  std::memcpy(out, &value, sizeof value);
}

inline void BinaryWriter::store64(char* out, std::uint64_t value) noexcept {
  value = __builtin_bswap64(value);
  std::memcpy(out, &value, sizeof value);
}

inline void BinaryWriter::boolean(bool value) {
  char* out = room(5);
  store32(out, 1);
  out[4] = value ? 1 : 0;
}

inline void BinaryWriter::int2(std::int16_t value) {
  char* out = room(6);
  store32(out, 2);
  store16(out + 4, static_cast<std::uint16_t>(value));
}

inline void BinaryWriter::int4(std::int32_t value) {
  char* out = room(8);
  store32(out, 4);
  store32(out + 4, static_cast<std::uint32_t>(value));
}

inline void BinaryWriter::int8(std::int64_t value) {
  char* out = room(12);
  store32(out, 8);
  store64(out + 4, static_cast<std::uint64_t>(value));
}

inline void BinaryWriter::bytes(std::span<const char> value) {
  char* out = room(4 + value.size());
  store32(out, static_cast<std::uint32_t>(value.size()));
  if (!value.empty()) std::memcpy(out + 4, value.data(), value.size());
}

inline void BinaryWriter::uuid(std::uint64_t high, std::uint64_t low) {
  char* out = room(20);
  store32(out, 16);
  store64(out + 4, high);
  store64(out + 12, low);
}

inline void BinaryWriter::uuid(std::span<const std::uint8_t, 16> value) {
  char* out = room(20);
  store32(out, 16);
  std::memcpy(out + 4, value.data(), 16);
}

}  // namespace tributary
