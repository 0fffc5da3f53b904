#include "admin-api/health/health_state.h"

#include <algorithm>

namespace tributary::admin {

HealthState HealthState::after(bool passed, const HealthRules& rules) const noexcept {
  constexpr int kEnough = 1'000'000;  // counting further tells nobody anything
  HealthState next = *this;
  next.successes = passed ? std::min(successes + 1, kEnough) : 0;
  next.failures = passed ? 0 : std::min(failures + 1, kEnough);
  if (healthy && next.failures >= rules.failures_before_down) next.healthy = false;
  if (!healthy && next.successes >= rules.successes_before_up) next.healthy = true;
  return next;
}

}  // namespace tributary::admin
