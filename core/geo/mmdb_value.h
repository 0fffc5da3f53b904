#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tributary {

enum class MmdbType : std::uint8_t {
  pointer = 1,
  text = 2,
  number_double = 3,
  bytes = 4,
  uint16 = 5,
  uint32 = 6,
  map = 7,
  int32 = 8,
  uint64 = 9,
  uint128 = 10,
  array = 11,
  container = 12,
  end_marker = 13,
  boolean = 14,
  number_float = 15,
};

// One decoded value: a scalar, or the head of a map or an array.
struct MmdbValue {
  MmdbType type{};
  std::uint32_t size = 0;   // bytes of a scalar, entries of a map or an array
  std::size_t content = 0;  // where its bytes or its first entry begin
  bool followed = false;    // the value stands elsewhere, a pointer led to it
};

// Reads values of a MaxMind DB data section (the format is public) without trusting it: nothing outside `data` is read,
// nesting is limited, and so is the number of values looked at by one reader. libmaxminddb's own walk over values
// recurses as deep as the file says.
class MmdbReader {
 public:
  explicit MmdbReader(std::span<const std::uint8_t> data, unsigned values = 4096) noexcept
      : data_(data), left_(values) {}

  // Decodes what stands at `offset`, following a pointer, and moves `offset` behind it; of a map or an array that is
  // not elsewhere: behind its head. False: damaged, or too much.
  bool read(std::size_t& offset, MmdbValue& value) noexcept;

  // Calls entry(key, value) for each entry of a map. False: damaged, or too much.
  template <typename Entry>
  bool each_entry(const MmdbValue& map, const Entry& entry) noexcept {
    std::size_t at = map.content;
    for (std::uint32_t i = 0; i < map.size; ++i) {
      MmdbValue key;
      MmdbValue value;
      if (!read(at, key) || key.type != MmdbType::text || !read(at, value)) {
        return false;
      }
      entry(text(key), value);
      if (!skip(value, at, 0)) {
        return false;
      }
    }
    return true;
  }

  // Moves `offset`, which stands behind the head of `value`, behind all of it.
  bool skip(const MmdbValue& value, std::size_t& offset, unsigned depth) noexcept;

  // Empty when the value is no text.
  std::string_view text(const MmdbValue& value) const noexcept;

  // 0 when the value is no unsigned integer of at most 64 bits.
  std::uint64_t number(const MmdbValue& value) const noexcept;

 private:
  bool read_head(std::size_t& offset, MmdbValue& value) noexcept;
  bool read_size(std::size_t& offset, MmdbValue& value, std::uint32_t base) noexcept;
  bool follow(std::size_t& offset, std::uint8_t control, std::size_t& target) const noexcept;
  std::uint64_t big_endian(std::size_t offset, std::size_t bytes) const noexcept;

  std::span<const std::uint8_t> data_;
  unsigned left_;
};

}  // namespace tributary
