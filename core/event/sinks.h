#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <protozero/types.hpp>
#include <protozero/varint.hpp>
#include <span>
#include <string_view>

// The two places where the fields of a message go: a count of the room to reserve, then the buffer. Each message is
// described once (encode.cpp), so there is room for what is written. Absent values (0, false, empty) take no bytes, as
// in proto3.
//
// The length of a message within a message stands before it and is known after it. So the description says how many
// bytes such a length usually takes, and the sink moves the message when that was wrong.
namespace tributary::wire {

template <typename Field>
constexpr std::uint32_t number(Field field) noexcept {
  return static_cast<std::uint32_t>(field);
}

// How many bytes a varint takes: one for each seven bits.
constexpr std::size_t varint_size(std::uint64_t value) noexcept {
  return static_cast<std::size_t>((640 - 9 * __builtin_clzll(value | 1)) / 64);
}

// At most how many bytes: a few additions for each field, whatever it holds.
class RoomSink {
 public:
  template <typename Field>
  void varint(Field, std::uint64_t) noexcept {
    room_ += kTag + kVarint;
  }
  template <typename Field>
  void zigzag(Field, std::int64_t) noexcept {
    room_ += kTag + kVarint;
  }
  template <typename Field>
  void fixed64(Field, std::uint64_t value) noexcept {
    room_ += kTag + sizeof(value);
  }
  template <typename Field>
  void text(Field, std::string_view value) noexcept {
    room_ += kTag + kVarint + value.size();
  }
  template <typename Field, typename Fill>
  void message(Field, std::size_t, const Fill& fill) noexcept {
    room_ += kTag + kVarint;
    fill(*this);
  }
  template <typename Field, typename Fill>
  void present(Field field, std::size_t usual_length_size, const Fill& fill) noexcept {
    message(field, usual_length_size, fill);
  }
  // Counting an absent value is quicker than asking whether it is there.
  template <std::size_t kCount, typename Fill>
  void each(const std::array<std::string_view, kCount>&, const Fill& fill) noexcept {
#pragma GCC unroll 30
    for (std::size_t i = 0; i < kCount; ++i) {
      fill(i);
    }
  }
  std::size_t room() const noexcept { return room_; }

 private:
  static constexpr std::size_t kTag = 2;  // field numbers below 2048
  static constexpr std::size_t kVarint = 10;

  std::size_t room_ = 0;
};

// Writes straight into memory that is large enough: nothing here checks. Works on a local copy of the position, because
// a store through a char pointer could change any member as far as the compiler knows.
class WriteSink {
 public:
  explicit WriteSink(char* out) noexcept : next_(out) {}
  const char* end() const noexcept { return next_; }

  template <typename Field>
  void varint(Field field, std::uint64_t value) noexcept {
    if (value != 0) {
      next_ = put_varint(tag(next_, field, protozero::pbf_wire_type::varint), value);
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
      next = put_varint(next, value.size());
      std::memcpy(next, value.data(), value.size());
      next_ = next + value.size();
    }
  }
  // `fill` with the place of each value that is present.
  template <std::size_t kCount, typename Fill>
  void each(const std::array<std::string_view, kCount>& values, const Fill& fill) noexcept {
    for (std::size_t i = next_present(values, 0); i < kCount; i = next_present(values, i + 1)) {
      fill(i);
    }
  }
  // `fill` writes the message through the sink that it gets: this one.
  template <typename Field, typename Fill>
  void message(Field field, std::size_t usual_length_size, const Fill& fill) noexcept {
    char* const start = next_;
    if (write_message(field, usual_length_size, fill) == 0) {
      next_ = start;
    }
  }
  // The same, also when it is empty.
  template <typename Field, typename Fill>
  void present(Field field, std::size_t usual_length_size, const Fill& fill) noexcept {
    write_message(field, usual_length_size, fill);
  }

 private:
  // Mostly there are a few of many.
  template <std::size_t kCount>
  static std::size_t next_present(const std::array<std::string_view, kCount>& values, std::size_t i) noexcept {
#pragma GCC unroll 6
    for (; i < kCount; ++i) {
      if (!values[i].empty()) {
        return i;
      }
    }
    return kCount;
  }
  // How many bytes `fill` has written.
  template <typename Field, typename Fill>
  std::size_t write_message(Field field, std::size_t usual_length_size, const Fill& fill) noexcept {
    char* const length = tag(next_, field, protozero::pbf_wire_type::length_delimited);
    char* const content = length + usual_length_size;
    next_ = content;
    fill(*this);
    const auto size = static_cast<std::size_t>(next_ - content);
    const std::size_t length_size = varint_size(size);
    if (length_size != usual_length_size) [[unlikely]] {
      std::memmove(length + length_size, content, size);
      next_ = length + length_size + size;
    }
    put_varint(length, size);
    return size;
  }

  template <typename Field>
  static char* tag(char* next, Field field, protozero::pbf_wire_type type) noexcept {
    return put_varint(next, protozero::tag_and_type(number(field), type));
  }
  // Most numbers and lengths fit into one byte.
  static char* put_varint(char* next, std::uint64_t value) noexcept {
    for (; value > 0x7f; value >>= 7) [[unlikely]] {
      *next++ = static_cast<char>(value | 0x80);
    }
    *next++ = static_cast<char>(value);
    return next;
  }

  char* next_;
};
static_assert(std::endian::native == std::endian::little, "fixed64 is little-endian on the wire");

inline std::string_view as_text(std::span<const std::uint8_t> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace tributary::wire
