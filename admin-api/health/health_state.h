#pragma once

namespace tributary::admin {

struct HealthRules {
  int failures_before_down = 3;
  int successes_before_up = 2;
};

// What the checks of a destination say together. One failure does not take it down, one success does not bring it back.
struct HealthState {
  bool healthy = true;
  int failures = 0;   // in a row
  int successes = 0;  // in a row

  HealthState after(bool passed, const HealthRules& rules) const noexcept;
  friend bool operator==(const HealthState&, const HealthState&) = default;
};

}  // namespace tributary::admin
