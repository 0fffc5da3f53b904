#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/base/arena.h"
#include "core/request/query.h"

namespace tributary {

inline constexpr std::size_t kMaxPostbackValue = 512;  // bytes of one value; what is longer is cut and marked

// The parameters of a call, decoded and trimmed, with one kind of damage repaired: `&currency=` copied out of a web
// page arrives as U+00A4 and `cy=` inside the value before it. An arena as long as the query is always enough.
class PostbackParameters {
 public:
  PostbackParameters(std::span<const QueryParameter> query, Arena& arena,
                     std::size_t max_value = kMaxPostbackValue) noexcept;

  struct Parameter {
    std::string_view name;
    std::string_view value;  // never empty
    bool cut = false;        // longer when it was sent
    bool claimed = false;    // named by the network's mapping, so the common aliases do not apply to it
  };
  std::span<Parameter> all() noexcept { return {parameters_.data(), count_}; }

  // The first with this name, in any case; nullptr when there is none.
  Parameter* find(std::string_view name) noexcept;

 private:
  void add(std::string_view name, std::string_view value) noexcept;
  void add_repaired(std::string_view name, std::string_view value) noexcept;

  const std::size_t max_value_;
  std::array<Parameter, kMaxQueryParameters> parameters_;
  std::size_t count_ = 0;
};

}  // namespace tributary
