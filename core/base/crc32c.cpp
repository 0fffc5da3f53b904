#include "core/base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#endif

namespace tributary {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected

constexpr auto make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    table[i] = crc;
  }
  return table;
}
constexpr auto kTable = make_table();

#if defined(__x86_64__)

// The instruction takes three cycles but a new one can start every cycle: three stretches of the data run side by side.
// So many words each at most, before they are put together.
constexpr std::size_t kMaxWords = 128;

// x^(64 n - 33) modulo the polynomial, reflected: multiplying by it, and then by the x^33 that the instruction and the
// carry-less product add, appends n words of zeros to a CRC.
constexpr auto make_shifts() {
  std::array<std::uint32_t, kMaxWords * 2 + 1> shifts{};
  std::uint32_t power = 0x80000000;  // x^0
  for (std::size_t exponent = 1; exponent <= kMaxWords * 2 * 64 - 33; ++exponent) {
    power = (power >> 1) ^ ((power & 1) != 0 ? kPolynomial : 0);
    if ((exponent + 33) % 64 == 0) shifts[(exponent + 33) / 64] = power;
  }
  return shifts;
}
constexpr auto kShifts = make_shifts();

#define TRIBUTARY_SSE42 __attribute__((target("sse4.2,pclmul")))

TRIBUTARY_SSE42 inline std::uint64_t load_word(const char* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

TRIBUTARY_SSE42 inline std::uint64_t append_zero_words(std::uint64_t crc, std::size_t words) noexcept {
  __m128i left = _mm_cvtsi64_si128(static_cast<long long>(crc));
  __m128i right = _mm_cvtsi64_si128(static_cast<long long>(kShifts[words]));
  auto product = static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(left, right, 0)));
  return _mm_crc32_u64(0, product);
}

// The CRC register after three stretches of `words` words each.
TRIBUTARY_SSE42 inline std::uint64_t three_stretches(std::uint64_t crc, const char* at, std::size_t words) noexcept {
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  const std::size_t stride = words * 8;
  for (const char* end = at + stride; at != end; at += 8) {
    crc = _mm_crc32_u64(crc, load_word(at));
    second = _mm_crc32_u64(second, load_word(at + stride));
    third = _mm_crc32_u64(third, load_word(at + 2 * stride));
  }
  return append_zero_words(crc, 2 * words) ^ append_zero_words(second, words) ^ third;
}

TRIBUTARY_SSE42 std::uint32_t crc32c_sse42(std::uint32_t seed, const void* data, std::size_t size) noexcept {
  constexpr std::size_t kMinSplit = 96;  // below, putting together costs more than it saves
  const char* at = static_cast<const char*>(data);
  std::uint64_t crc = ~seed;
  while (size >= kMinSplit) {
    std::size_t words = size / 24 < kMaxWords ? size / 24 : kMaxWords;
    crc = three_stretches(crc, at, words);
    at += words * 24;
    size -= words * 24;
  }
  for (; size >= 8; size -= 8, at += 8) crc = _mm_crc32_u64(crc, load_word(at));
  auto rest = static_cast<std::uint32_t>(crc);
  for (; size > 0; --size, ++at) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(*at));
  return ~rest;
}

#endif

using Function = std::uint32_t (*)(std::uint32_t, const void*, std::size_t) noexcept;

Function choose() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")) return crc32c_sse42;
#endif
  return crc32c_portable;
}
const Function kFunction = choose();

}  // namespace

std::uint32_t crc32c_portable(std::uint32_t seed, const void* data, std::size_t size) noexcept {
  const auto* at = static_cast<const unsigned char*>(data);
  std::uint32_t crc = ~seed;
  for (std::size_t i = 0; i < size; ++i) crc = (crc >> 8) ^ kTable[(crc ^ at[i]) & 0xff];
  return ~crc;
}

std::uint32_t crc32c(std::uint32_t seed, const void* data, std::size_t size) noexcept {
  return kFunction(seed, data, size);
}

}  // namespace tributary
