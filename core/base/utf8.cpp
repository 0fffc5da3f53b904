#include "core/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace tributary {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

struct Sequence {
  std::size_t length = 1;  // of a bad sequence: how much of it could have begun a good one
  bool good = false;
};

// What may follow the lead byte: how many bytes, and the range of the first of them (Unicode, table 3-7).
struct Continuation {
  std::size_t count = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
};

Continuation continuation_of(std::uint8_t lead) noexcept {
  if (lead >= 0xc2 && lead <= 0xdf) {
    return {1};
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    return {2, static_cast<std::uint8_t>(lead == 0xe0 ? 0xa0 : 0x80),
            static_cast<std::uint8_t>(lead == 0xed ? 0x9f : 0xbf)};
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    return {3, static_cast<std::uint8_t>(lead == 0xf0 ? 0x90 : 0x80),
            static_cast<std::uint8_t>(lead == 0xf4 ? 0x8f : 0xbf)};
  }
  return {};
}

Sequence read_sequence(std::string_view text) noexcept {
  const auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0x80) {
    return {1, lead != 0};
  }
  Continuation expected = continuation_of(lead);
  if (expected.count == 0) {
    return {1, false};
  }
  for (std::size_t i = 1; i <= expected.count; ++i) {
    const auto byte = i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    if (byte < expected.low || byte > expected.high) {
      return {i, false};
    }
    expected.low = 0x80;
    expected.high = 0xbf;
  }
  return {expected.count + 1, true};
}

// How many bytes at the start are plain ASCII without NUL, counted in whole words.
std::size_t plain_prefix(std::string_view text) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = kOnes << 7;
  std::size_t length = 0;
  while (length + sizeof(std::uint64_t) <= text.size()) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + length, sizeof(word));
    if (((word | (word - kOnes)) & kHighs) != 0) {
      break;
    }
    length += sizeof(word);
  }
  return length;
}

}  // namespace

bool is_clean_text(std::string_view text) noexcept {
  while (!text.empty()) {
    text.remove_prefix(plain_prefix(text));
    for (int i = 0; i < 8 && !text.empty(); ++i) {
      const Sequence sequence = read_sequence(text);
      if (!sequence.good) {
        return false;
      }
      text.remove_prefix(sequence.length);
    }
  }
  return true;
}

std::string_view cut_between_characters(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) {
    return text;
  }
  constexpr std::size_t kLongestCharacter = 4;
  for (std::size_t back = 0; back < kLongestCharacter && back <= limit; ++back) {
    const bool continues = (static_cast<unsigned char>(text[limit - back]) & 0xc0) == 0x80;
    if (!continues) {
      return text.substr(0, limit - back);
    }
  }
  return text.substr(0, limit);
}

void append_clean_text(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const Sequence sequence = read_sequence(text);
    out += sequence.good ? text.substr(0, sequence.length) : kReplacement;
    text.remove_prefix(sequence.length);
  }
}

}  // namespace tributary
