#include "ingestor/conversion/duplicate_policy.h"

#include <utility>

namespace tributary::ingest {

std::optional<DuplicatePolicy> find_duplicate_policy(std::string_view name) noexcept {
  constexpr std::pair<std::string_view, DuplicatePolicy> kNames[] = {
      {"update", DuplicatePolicy::update},
      {"ignore", DuplicatePolicy::ignore},
      {"ignore_same_transaction", DuplicatePolicy::ignore_same_transaction},
      {"count", DuplicatePolicy::count},
      {"count_labelled", DuplicatePolicy::count_labelled},
      {"add_amounts", DuplicatePolicy::add_amounts},
  };
  for (const auto& [known, policy] : kNames) {
    if (known == name) return policy;
  }
  return std::nullopt;
}

}  // namespace tributary::ingest
