#include "core/time_zone/zone_offsets.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <exception>

namespace tributary {
namespace {

date::sys_seconds instant(std::int64_t seconds) {
  return date::sys_seconds(std::chrono::seconds(seconds));
}

// Files beside the zones: the zone of this machine, old defaults, and all zones once more, with and without leap
// seconds.
bool is_no_zone(std::string_view name) {
  constexpr std::array<std::string_view, 3> kFiles{"localtime", "posixrules", "Factory"};
  return name.starts_with("posix/") || name.starts_with("right/") || std::ranges::find(kFiles, name) != kFiles.end();
}

const date::time_zone* find_zone(std::string_view name) {
  if (is_no_zone(name)) return nullptr;
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::exception&) {  // the zone or the whole database is missing
    return nullptr;
  }
}

}  // namespace

std::optional<std::vector<ZoneOffset>> zone_offsets(std::string_view name, std::int64_t from_s, std::int64_t until_s) {
  const date::time_zone* zone = find_zone(name);
  if (zone == nullptr) {
    return std::nullopt;
  }
  std::vector<ZoneOffset> offsets;
  for (std::int64_t at = from_s; at < until_s || offsets.empty();) {
    const date::sys_info info = zone->get_info(instant(at));
    const auto offset = static_cast<std::int32_t>(info.offset.count());
    if (offsets.empty() || offsets.back().offset_s != offset) {
      offsets.push_back({at, offset});
    }
    at = info.end.time_since_epoch().count();
  }
  return offsets;
}

bool zone_exists(std::string_view name) {
  return find_zone(name) != nullptr;
}

}  // namespace tributary
