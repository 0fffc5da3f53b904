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

// Walks over those bytes.
class SpecialBytes {
 public:
  explicit SpecialBytes(std::string_view query) noexcept : query_(query) { look(); }

  // Where the next one stands; the size of the query after the last.
  std::size_t next() noexcept {
    while (bits_ == 0) {
      block_ += kBlock;
      if (block_ >= query_.size()) {
        return query_.size();
      }
      look();
    }
    const auto offset = static_cast<std::size_t>(std::countr_zero(bits_));
    bits_ &= bits_ - 1;
    return block_ + offset;
  }

 private:
  void look() noexcept {
    if (query_.size() - block_ >= kBlock) {
      bits_ = special_bits(query_.data() + block_);
      return;
    }
    std::array<char, kBlock> rest{};
    query_.copy(rest.data(), kBlock, block_);
    bits_ = special_bits(rest.data());
  }

  std::string_view query_;
  std::size_t block_ = 0;  // where the present block begins
  unsigned bits_ = 0;      // those of the present block that were not returned yet
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
  SpecialBytes special(query);
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < query.size();) {
    std::size_t name_end = std::string_view::npos;
    bool encoded = false;
    std::size_t end = special.next();
    for (; end < query.size() && query[end] != '&'; end = special.next()) {
      if (query[end] != '=') {
        encoded = true;
      } else if (name_end == std::string_view::npos) {
        name_end = end;
      }
    }
    const std::string_view name = query.substr(begin, std::min(name_end, end) - begin);
    const std::string_view value = name_end < end ? query.substr(name_end + 1, end - name_end - 1) : std::string_view{};
    begin = end + 1;
    if (name.empty()) {
      continue;
    }
    if (count == out.size()) {
      truncated = true;
      break;
    }
    out[count++] = {name, value, !encoded};
  }
  return count;
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
