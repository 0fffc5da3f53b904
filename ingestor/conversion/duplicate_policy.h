#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tributary::ingest {

// What a second call for the same thing does, as the network and its events set it. DOC: docs/postbacks.md
enum class DuplicatePolicy : std::uint8_t {
  update,                   // changes status and amounts of its conversion: the default
  ignore,                   // nothing, whatever its transaction: the first call for a click and event counts
  ignore_same_transaction,  // nothing, when its transaction is the same
  count,                    // is a conversion of its own
  count_labelled,           // the same, and it is shown as repeated
  add_amounts,              // adds its amounts to those of its conversion
};

std::optional<DuplicatePolicy> find_duplicate_policy(std::string_view name) noexcept;

constexpr bool keeps_first(DuplicatePolicy policy) noexcept {
  return policy == DuplicatePolicy::ignore || policy == DuplicatePolicy::ignore_same_transaction;
}
constexpr bool counts_each(DuplicatePolicy policy) noexcept {
  return policy == DuplicatePolicy::count || policy == DuplicatePolicy::count_labelled;
}

}  // namespace tributary::ingest
