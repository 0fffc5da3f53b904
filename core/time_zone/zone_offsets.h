#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tributary {

// From `since_s` (seconds since 1970, UTC) on, local time is UTC plus `offset_s`.
struct ZoneOffset {
  std::int64_t since_s = 0;
  std::int32_t offset_s = 0;
  friend bool operator==(const ZoneOffset&, const ZoneOffset&) = default;
};

// The offsets of an IANA zone that are in force from `from_s` to `until_s`, the one of the beginning first. Nothing
// when the operating system's database (tzdata) does not know the zone. For compilers of configuration: reads files,
// allocates.
std::optional<std::vector<ZoneOffset>> zone_offsets(std::string_view name, std::int64_t from_s, std::int64_t until_s);

bool zone_exists(std::string_view name);

}  // namespace tributary
