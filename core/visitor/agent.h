#pragma once

#include <cstdint>
#include <string_view>

namespace tributary {

enum class DeviceType : std::uint8_t {
  unknown = 0,
  desktop = 1,
  phone = 2,
  tablet = 3,
  tv = 4,
  console = 5,
  wearable = 6
};
std::string_view device_type_name(DeviceType type) noexcept;  // empty for unknown

// What a user agent says it is. Empty means unknown. The views live as long as the classifier's answer does.
struct Agent {
  DeviceType device = DeviceType::unknown;
  bool bot = false;
  std::string_view brand;
  std::string_view model;
  std::string_view os;
  std::string_view os_version;
  std::string_view browser;
  std::string_view browser_version;
  friend bool operator==(const Agent&, const Agent&) = default;
};

}  // namespace tributary
