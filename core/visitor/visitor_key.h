#pragma once

#include <xxhash.h>

#include <cstdint>

#include "core/event/event.h"

namespace tributary {

// Who a visitor is by address and user agent: Visitor::key() where there is no first-party id.
inline std::uint64_t visitor_key(const Visit& visit) noexcept {
  const std::uint64_t agent = ::XXH3_64bits(visit.user_agent.data(), visit.user_agent.size());
  return ::XXH3_64bits_withSeed(visit.address.data(), visit.address.size(), agent);
}

}  // namespace tributary
