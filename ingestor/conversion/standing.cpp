#include "ingestor/conversion/standing.h"

namespace tributary::ingest {
namespace {

constexpr std::size_t kBytes = 1 + 8 + 4 + 8;

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

std::uint64_t take(std::string_view& in, std::size_t bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(bytes);
  return value;
}

}  // namespace

std::string encode_standing(const Standing& standing) {
  std::string out;
  if (standing.empty()) return out;
  put(out, standing.rank, 1);
  put(out, standing.time_us, 8);
  put(out, standing.journal, 4);
  put(out, standing.position, 8);
  return out;
}

Standing decode_standing(std::string_view bytes) noexcept {
  Standing standing;
  if (bytes.size() != kBytes) return standing;
  standing.rank = static_cast<std::uint8_t>(take(bytes, 1));
  standing.time_us = take(bytes, 8);
  standing.journal = static_cast<std::uint32_t>(take(bytes, 4));
  standing.position = take(bytes, 8);
  return standing;
}

}  // namespace tributary::ingest
