#pragma once

#include <cstdint>
#include <optional>

#include "core/condition/regex_cache.h"
#include "core/event/event.h"
#include "core/visitor/visitor.h"

namespace tributary {

// What a condition may ask about state that changes.
class ConditionState {
 public:
  // Is this the first click of the visitor in the scope, of the stream that is being tried, its campaign, or anywhere?
  // Nothing when that is not known. Decides nothing: asking twice gives the same answer.
  virtual std::optional<bool> unique(UniqueFlag scope) noexcept = 0;

 protected:
  ~ConditionState() = default;
};

struct ConditionContext {
  Visitor& visitor;
  ConditionState& state;
  std::uint64_t now_ms = 0;
  RegexCache& regexes;
};

}  // namespace tributary
