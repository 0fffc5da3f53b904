#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tributary {

// What a MaxMind DB file says of itself, at its end.
struct MmdbMetadata {
  std::string type;              // "DBIP-Country-Lite", "GeoLite2-City" ...
  std::uint64_t build_time = 0;  // seconds since 1970
  std::uint64_t major_version = 0;
  std::uint64_t ip_version = 0;
  std::uint64_t node_count = 0;
  std::uint64_t record_bits = 0;
};

// `tail`: the last bytes of the file, 128 KB are enough. None: this is no such file, or it is cut off.
std::optional<MmdbMetadata> read_mmdb_metadata(std::span<const std::uint8_t> tail);

}  // namespace tributary
