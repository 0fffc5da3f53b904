#include "core/visitor/agent.h"

namespace tributary {

std::string_view device_type_name(DeviceType type) noexcept {
  switch (type) {
    case DeviceType::unknown: return {};
    case DeviceType::desktop: return "desktop";
    case DeviceType::phone: return "phone";
    case DeviceType::tablet: return "tablet";
    case DeviceType::tv: return "tv";
    case DeviceType::console: return "console";
    case DeviceType::wearable: return "wearable";
  }
  return {};
}

}  // namespace tributary
