#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/url/url_bytes.h"
#include "core/url/url_template.h"

namespace tributary {
namespace {

using namespace url_bytes;

constexpr std::size_t kBlock = 16;

bool all_unreserved(const char* block) noexcept {
#if defined(__SSE2__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
  const auto equal = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  // As signed numbers, bytes beyond ASCII are below everything.
  const auto within = [](__m128i value, char first, char last) {
    const __m128i high_enough = _mm_cmpgt_epi8(value, _mm_set1_epi8(static_cast<char>(first - 1)));
    return _mm_and_si128(high_enough, _mm_cmplt_epi8(value, _mm_set1_epi8(static_cast<char>(last + 1))));
  };
  const __m128i letters = within(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
  const __m128i digits_and_marks = _mm_or_si128(within(bytes, '0', '9'), within(bytes, '-', '.'));
  const __m128i other_marks = _mm_or_si128(equal('_'), equal('~'));
  const __m128i all = _mm_or_si128(letters, _mm_or_si128(digits_and_marks, other_marks));
  return _mm_movemask_epi8(all) == 0xffff;
#else
  return std::all_of(block, block + kBlock, [](char c) { return allowed(c, kUnreserved); });
#endif
}

// The output and how much of it is left. Once something did not fit, the whole result is void.
class UrlWriter {
 public:
  explicit UrlWriter(std::span<char> out) noexcept : begin_(out.data()), next_(begin_), end_(begin_ + out.size()) {}

  void literal(std::string_view text) noexcept {
    if (text.size() > room()) {
      full_ = true;
      return;
    }
    copy(text, false);
  }

  // Inlined twice: a click has it for each of its macros.
  [[gnu::always_inline]] void value(std::string_view text, std::uint16_t modifiers) noexcept {
    const ByteClass kept = (modifiers & kModifierRaw) != 0 ? kRaw : kUnreserved;
    const bool lower = (modifiers & kModifierLower) != 0;
    // At any time there is room for what is left without encoding: so only what is encoded needs a look at the room.
    if (text.size() > room()) {
      full_ = true;
      return;
    }
    for (;;) {
      const std::size_t plain = plain_prefix(text, kept);
      copy(text.substr(0, plain), lower);
      text.remove_prefix(plain);
      if (text.empty()) {
        return;
      }
      if (room() - text.size() < 2) {
        full_ = true;
        return;
      }
      escape(text.front());
      text.remove_prefix(1);
    }
  }

  std::size_t written() const noexcept { return full_ ? 0 : static_cast<std::size_t>(next_ - begin_); }

 private:
  // How many bytes at the start stay as they are.
  static std::size_t plain_prefix(std::string_view text, ByteClass kept) noexcept {
    for (std::size_t i = 0;; ++i) {
      // A click id is two blocks; what is left of a value goes four at a time.
      while (kept == kUnreserved && i + kBlock <= text.size() && all_unreserved(text.data() + i)) {
        i += kBlock;
      }
      while (i + 4 <= text.size() && all_allowed(text.data() + i, kept)) {
        i += 4;
      }
      while (i < text.size() && allowed(text[i], kept)) {
        ++i;
      }
      if (i == text.size() || kept != kRaw || !is_escape(text, i)) {
        return i;
      }
    }
  }

  static bool all_allowed(const char* four, ByteClass kept) noexcept {
    const auto class_of = [](char c) { return kClasses[static_cast<unsigned char>(c)]; };
    return (class_of(four[0]) & class_of(four[1]) & class_of(four[2]) & class_of(four[3]) & kept) != 0;
  }

  void copy(std::string_view text, bool lower) noexcept {
    if (lower) {
      std::transform(text.begin(), text.end(), next_, ascii::to_lower);
    } else {
      std::copy(text.begin(), text.end(), next_);  // an empty value may have no address
    }
    next_ += text.size();
  }

  void escape(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    next_[0] = '%';
    next_[1] = kHexDigits[byte >> 4];
    next_[2] = kHexDigits[byte & 15];
    next_ += 3;
  }

  std::size_t room() const noexcept { return static_cast<std::size_t>(end_ - next_); }

  char* begin_;
  char* next_;
  char* end_;
  bool full_ = false;
};

using HexDigest = std::array<char, 2 * crypto_hash_sha256_BYTES>;

std::string_view hash_of(std::string_view value, bool lower, HexDigest& out) noexcept {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (std::array<unsigned char, 64> block; !value.empty();) {
    const std::string_view piece = value.substr(0, block.size());
    std::transform(piece.begin(), piece.end(), block.begin(),
                   [&](char c) { return static_cast<unsigned char>(lower ? ascii::to_lower(c) : c); });
    crypto_hash_sha256_update(&state, block.data(), piece.size());
    value.remove_prefix(piece.size());
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256_final(&state, digest.data());
  for (std::size_t i = 0; i < digest.size(); ++i) {
    out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
    out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
  return {out.data(), out.size()};
}

// Few templates have these: their code stays out of the way of the others.
[[gnu::noinline]] void write_rare(UrlWriter& writer, std::string_view text, const TemplatePart& part,
                                  MacroSource& values) noexcept {
  const auto macro = static_cast<Macro>(part.macro);
  std::string_view value;
  if ((part.modifiers & kModifierArgument) != 0) {
    assert(part.offset <= text.size() && part.length <= text.size() - part.offset);
    value = values.computed(
        {macro, {text.data() + part.offset, part.length}, static_cast<std::uint32_t>(part.modifiers >> kZoneShift)});
  } else {
    value = values.value(macro);
  }
  HexDigest digest;
  if ((part.modifiers & kModifierHash) != 0 && !value.empty()) {
    value = hash_of(value, (part.modifiers & kModifierLower) != 0, digest);
  }
  writer.value(value, part.modifiers);
}

}  // namespace

std::size_t render_template(std::string_view text, std::span<const TemplatePart> parts, MacroSource& values,
                            std::span<char> out) noexcept {
  UrlWriter writer{out};
  for (const TemplatePart& part : parts) {
    if (part.macro == 0) {
      assert(part.offset <= text.size() && part.length <= text.size() - part.offset);
      writer.literal({text.data() + part.offset, part.length});
    } else if ((part.modifiers & (kModifierHash | kModifierArgument)) == 0) [[likely]] {
      writer.value(values.value(static_cast<Macro>(part.macro)), part.modifiers);
    } else {
      write_rare(writer, text, part, values);
    }
  }
  return writer.written();
}

}  // namespace tributary
