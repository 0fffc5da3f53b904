#include "core/routing/routing_recorder.h"

namespace tributary {

std::string_view standing_name(Standing standing) noexcept {
  switch (standing) {
    case Standing::open: return "open";
    case Standing::inactive: return "inactive";
    case Standing::off_schedule: return "off_schedule";
    case Standing::down: return "down";
    case Standing::closed: return "closed";
    case Standing::capped: return "capped";
    case Standing::repeated: return "repeated";
  }
  return {};
}

std::string_view stream_verdict_name(StreamVerdict verdict) noexcept {
  switch (verdict) {
    case StreamVerdict::taken: return "taken";
    case StreamVerdict::inactive: return "inactive";
    case StreamVerdict::condition: return "condition";
    case StreamVerdict::click_limit: return "click_limit";
    case StreamVerdict::no_destination: return "no_destination";
  }
  return {};
}

}  // namespace tributary
