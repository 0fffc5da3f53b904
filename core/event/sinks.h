#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <protozero/types.hpp>
#include <protozero/varint.hpp>
#include <span>
#include <string_view>

// The two places where the fields of a message go: a counter of bytes, then the buffer. Each message is described once
// (encode.cpp), so what is measured is what is written. Absent values (0, false, empty) take no bytes, as in proto3.
namespace tributary::wire {

template <typename Field>
constexpr std::uint32_t number(Field field) noexcept {
  return static_cast<std::uint32_t>(field);
}

// How many bytes a varint takes: one for each seven bits.
constexpr std::size_t varint_size(std::uint64_t value) noexcept {
  return static_cast<std::size_t>((640 - 9 * __builtin_clzll(value | 1)) / 64);
}
constexpr std::size_t tag_size(std::uint32_t field) noexcept {
  return varint_size(field << 3);
}
constexpr std::size_t message_size(std::uint32_t field, std::size_t content) noexcept {
  return tag_size(field) + varint_size(content) + content;
}

class SizeSink {
 public:
  template <typename Field>
  void varint(Field field, std::uint64_t value) noexcept {
    if (value != 0) {
      size_ += tag_size(number(field)) + varint_size(value);
    }
  }
  template <typename Field>
  void zigzag(Field field, std::int64_t value) noexcept {
    varint(field, protozero::encode_zigzag64(value));
  }
  template <typename Field>
  void fixed64(Field field, std::uint64_t value) noexcept {
    if (value != 0) {
      size_ += tag_size(number(field)) + sizeof(value);
    }
  }
  template <typename Field>
  void text(Field field, std::string_view value) noexcept {
    if (!value.empty()) {
      size_ += message_size(number(field), value.size());
    }
  }
  template <typename Field, typename Fill>
  void message(Field field, std::size_t content, const Fill&) noexcept {
    if (content != 0) {
      size_ += message_size(number(field), content);
    }
  }
  // The same, also when it is empty.
  template <typename Field, typename Fill>
  void present(Field field, std::size_t content, const Fill&) noexcept {
    size_ += message_size(number(field), content);
  }
  std::size_t size() const noexcept { return size_; }

 private:
  std::size_t size_ = 0;
};

// Writes straight into memory that the caller has measured: nothing here checks. Works on a local copy of the position,
// because a store through a char pointer could change any member as far as the compiler knows.
class WriteSink {
 public:
  explicit WriteSink(char* out) noexcept : next_(out) {}
  const char* end() const noexcept { return next_; }

  template <typename Field>
  void varint(Field field, std::uint64_t value) noexcept {
    if (value != 0) {
      char* next = tag(next_, field, protozero::pbf_wire_type::varint);
      next_ = next + protozero::add_varint_to_buffer(next, value);
    }
  }
  template <typename Field>
  void zigzag(Field field, std::int64_t value) noexcept {
    varint(field, protozero::encode_zigzag64(value));
  }
  template <typename Field>
  void fixed64(Field field, std::uint64_t value) noexcept {
    if (value != 0) {
      char* next = tag(next_, field, protozero::pbf_wire_type::fixed64);
      std::memcpy(next, &value, sizeof(value));
      next_ = next + sizeof(value);
    }
  }
  template <typename Field>
  void text(Field field, std::string_view value) noexcept {
    if (!value.empty()) {
      char* next = tag(next_, field, protozero::pbf_wire_type::length_delimited);
      next += protozero::add_varint_to_buffer(next, value.size());
      std::memcpy(next, value.data(), value.size());
      next_ = next + value.size();
    }
  }
  // `fill` writes exactly `content` bytes through the sink that it gets: this one.
  template <typename Field, typename Fill>
  void message(Field field, std::size_t content, const Fill& fill) noexcept {
    if (content != 0) {
      present(field, content, fill);
    }
  }
  template <typename Field, typename Fill>
  void present(Field field, std::size_t content, const Fill& fill) noexcept {
    open(field, content);
    fill(*this);
  }
  template <typename Field>
  void open(Field field, std::size_t content) noexcept {
    char* next = tag(next_, field, protozero::pbf_wire_type::length_delimited);
    next_ = next + protozero::add_varint_to_buffer(next, content);
  }

 private:
  template <typename Field>
  static char* tag(char* next, Field field, protozero::pbf_wire_type type) noexcept {
    return next + protozero::add_varint_to_buffer(next, protozero::tag_and_type(number(field), type));
  }

  char* next_;
};
static_assert(std::endian::native == std::endian::little, "fixed64 is little-endian on the wire");

inline std::string_view as_text(std::span<const std::uint8_t> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace tributary::wire
