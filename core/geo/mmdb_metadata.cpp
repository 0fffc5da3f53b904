#include "core/geo/mmdb_metadata.h"

#include <string_view>

#include "core/geo/mmdb_value.h"

namespace tributary {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMarker = "\xab\xcd\xefMaxMind.com"sv;
constexpr std::size_t kMaxType = 100;

}  // namespace

std::optional<MmdbMetadata> read_mmdb_metadata(std::span<const std::uint8_t> tail) {
  const std::string_view text{reinterpret_cast<const char*>(tail.data()), tail.size()};
  const std::size_t marker = text.rfind(kMarker);
  if (marker == std::string_view::npos) {
    return std::nullopt;
  }
  MmdbReader reader(tail.subspan(marker + kMarker.size()));
  std::size_t offset = 0;
  MmdbValue map;
  MmdbMetadata metadata;
  const bool whole = reader.read(offset, map) && map.type == MmdbType::map &&
                     reader.each_entry(map, [&](std::string_view key, const MmdbValue& value) {
                       if (key == "database_type") metadata.type = reader.text(value).substr(0, kMaxType);
                       if (key == "build_epoch") metadata.build_time = reader.number(value);
                       if (key == "binary_format_major_version") metadata.major_version = reader.number(value);
                       if (key == "ip_version") metadata.ip_version = reader.number(value);
                       if (key == "node_count") metadata.node_count = reader.number(value);
                       if (key == "record_size") metadata.record_bits = reader.number(value);
                     });
  return whole ? std::optional(std::move(metadata)) : std::nullopt;
}

}  // namespace tributary
