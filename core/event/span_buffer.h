#pragma once

#include <cassert>
#include <cstddef>
#include <cstring>
#include <protozero/basic_pbf_writer.hpp>
#include <span>

namespace tributary {

// Memory of a known size as an output buffer of protozero. The caller has measured what it will write, so nothing here
// checks, throws or allocates.
class SpanBuffer {
 public:
  explicit SpanBuffer(std::span<char> out) noexcept : begin_(out.data()), next_(begin_), end_(begin_ + out.size()) {}

  std::size_t size() const noexcept { return static_cast<std::size_t>(next_ - begin_); }
  char* at(std::size_t position) noexcept { return begin_ + position; }

  void append(const char* data, std::size_t count) noexcept {
    assert(count <= static_cast<std::size_t>(end_ - next_));
    if (count != 0) {
      std::memcpy(next_, data, count);
      next_ += count;
    }
  }
  void push_back(char c) noexcept {
    assert(next_ < end_);
    *next_++ = c;
  }

 private:
  char* begin_;
  char* next_;
  char* end_;
};

}  // namespace tributary

namespace protozero {

// The length of a submessage is written before it, so protozero never has to move or to drop what it wrote: the
// operations for that are unreachable.
template <>
struct buffer_customization<tributary::SpanBuffer> {
  static std::size_t size(const tributary::SpanBuffer* buffer) noexcept { return buffer->size(); }
  static void append(tributary::SpanBuffer* buffer, const char* data, std::size_t count) noexcept {
    buffer->append(data, count);
  }
  static void append_zeros(tributary::SpanBuffer*, std::size_t) noexcept { assert(false); }
  static void resize(tributary::SpanBuffer*, std::size_t) noexcept { assert(false); }
  static void reserve_additional(tributary::SpanBuffer*, std::size_t) noexcept {}
  static void erase_range(tributary::SpanBuffer*, std::size_t, std::size_t) noexcept { assert(false); }
  static char* at_pos(tributary::SpanBuffer* buffer, std::size_t position) noexcept { return buffer->at(position); }
  static void push_back(tributary::SpanBuffer* buffer, char c) noexcept { buffer->push_back(c); }
};

}  // namespace protozero
