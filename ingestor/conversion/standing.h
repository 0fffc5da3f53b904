#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace tributary::ingest {

// The place of a postback among all postbacks of its conversion. Of two, the greater decides; no two are equal, because
// journal and position are the identity of an event. That makes the fold independent of the order of arrival.
struct Standing {
  std::uint8_t rank = 0;
  std::uint64_t time_us = 0;
  std::uint32_t journal = 0;
  std::uint64_t position = 0;
  friend auto operator<=>(const Standing&, const Standing&) = default;

  bool empty() const noexcept { return time_us == 0; }
};

// As stored: big-endian, so that PostgreSQL compares the bytes in the same order. An empty standing is an empty string.
std::string encode_standing(const Standing& standing);
Standing decode_standing(std::string_view bytes) noexcept;  // anything of another length is empty

}  // namespace tributary::ingest
