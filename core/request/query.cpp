#include "core/request/query.h"

#include <algorithm>
#include <array>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/base/ascii.h"

namespace tributary {
namespace {

constexpr std::size_t kBlock = 16;

// One bit for each byte of a block that means something in a query: '&', '=', '%' and '+'.
unsigned special_bits(const char* block) noexcept {
#if defined(__SSE2__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
  const auto equal = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  const __m128i separators = _mm_or_si128(equal('&'), equal('='));
  const __m128i escapes = _mm_or_si128(equal('%'), equal('+'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(separators, escapes)));
#else
  unsigned bits = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char c = block[i];
    bits |= static_cast<unsigned>(c == '&' || c == '=' || c == '%' || c == '+') << i;
  }
  return bits;
#endif
}

// The same of the block that begins at `begin`, which may be cut short by the end.
unsigned special_bits(std::string_view query, std::size_t begin) noexcept {
  if (query.size() - begin >= kBlock) {
    return special_bits(query.data() + begin);
  }
  std::array<char, kBlock> rest{};
  query.copy(rest.data(), kBlock, begin);
  return special_bits(rest.data());
}

// Cuts parameters out of a query whose special bytes it is told, one after the other.
class ParameterCutter {
 public:
  ParameterCutter(std::string_view query, std::span<QueryParameter> out) noexcept : query_(query), out_(out) {}

  // False when a parameter ends there and there is no room for it.
  bool take(std::size_t at) noexcept {
    switch (query_[at]) {
      case '&': return finish(at);
      case '=': equals_ = std::min(equals_, at); return true;
      default: encoded_ = true; return true;
    }
  }

  bool finish(std::size_t end) noexcept {
    const char* const begin = query_.data() + begin_;
    const std::size_t name_end = std::min(equals_, end);
    const std::size_t name = name_end - begin_;
    if (name != 0) {
      if (count_ == out_.size()) {
        return false;
      }
      const std::string_view value =
          name_end < end ? query_.substr(name_end + 1, end - name_end - 1) : std::string_view{};
      out_[count_++] = {{begin, name}, value, !encoded_};
    }
    begin_ = end + 1;
    equals_ = std::string_view::npos;
    encoded_ = false;
    return true;
  }

  std::size_t count() const noexcept { return count_; }

 private:
  std::string_view query_;
  std::span<QueryParameter> out_;
  std::size_t count_ = 0;
  std::size_t begin_ = 0;                        // of the present parameter
  std::size_t equals_ = std::string_view::npos;  // its first '='
  bool encoded_ = false;
};

bool is_escape(std::string_view text, std::size_t at) noexcept {
  return text.size() - at > 2 && ascii::hex_value(text[at + 1]) >= 0 && ascii::hex_value(text[at + 2]) >= 0;
}

// Where the first '+' or '%' stands.
std::size_t plain_prefix(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size() && text[i] != '%' && text[i] != '+') {
    ++i;
  }
  return i;
}

}  // namespace

std::size_t parse_query(std::string_view query, std::span<QueryParameter> out, bool& truncated) noexcept {
  ParameterCutter cutter(query, out);
  bool room = true;
  for (std::size_t block = 0; room && block < query.size(); block += kBlock) {
    for (unsigned bits = special_bits(query, block); room && bits != 0; bits &= bits - 1) {
      room = cutter.take(block + static_cast<std::size_t>(std::countr_zero(bits)));
    }
  }
  room = room && cutter.finish(query.size());
  truncated = truncated || !room;
  return cutter.count();
}

std::string_view decode_component(std::string_view value, std::span<char> buffer) noexcept {
  const std::size_t plain = plain_prefix(value);
  if (plain == value.size()) {
    return value;
  }
  std::size_t length = 0;
  std::size_t i = 0;
  while (i < value.size() && length < buffer.size()) {
    char c = value[i];
    if (c == '%' && is_escape(value, i)) {
      c = static_cast<char>(ascii::hex_value(value[i + 1]) << 4 | ascii::hex_value(value[i + 2]));
      i += 2;
    } else if (c == '+') {
      c = ' ';
    }
    buffer[length++] = c;
    ++i;
  }
  return {buffer.data(), length};
}

}  // namespace tributary
