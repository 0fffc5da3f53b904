#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/event/event.h"
#include "core/geo/place.h"
#include "core/request/query.h"
#include "core/visitor/agent.h"

namespace tributary {

// What a routing decision may ask about the visitor. Everything that costs work is found out when it is first asked
// for, once: the request on the edge, given values in explain, a recorded click in a replay, fixed ones in a test.
class Visitor {
 public:
  virtual const Visit& visit() noexcept = 0;
  virtual const Tracking& tracking() noexcept = 0;
  // One of its sub ids, 1 to 30: what most targets name of it, if anything.
  virtual std::string_view sub_id(std::size_t number) noexcept { return tracking().sub_ids[number - 1]; }
  virtual std::span<const QueryParameter> query() noexcept = 0;
  virtual std::optional<std::string_view> header(std::string_view lower_case_name) noexcept = 0;
  virtual const Place& place() noexcept = 0;
  virtual const Agent& agent() noexcept = 0;
  // Who this is for uniqueness, stickiness and anti-repeat: a hash of address and user agent, or of a first-party id.
  virtual std::uint64_t key() noexcept = 0;

 protected:
  ~Visitor() = default;
};

}  // namespace tributary
