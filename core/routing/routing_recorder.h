#pragma once

#include <cstdint>
#include <string_view>

#include "core/condition/evaluate.h"
#include "schema/snapshot_generated.h"

namespace tributary {

// Whether a destination takes this visitor now, or the first thing that is against it.
enum class Standing : std::uint8_t {
  open,
  inactive,
  off_schedule,
  down,      // by its health checks
  closed,    // by a cap on conversions, payout or revenue
  capped,    // by a cap on clicks
  repeated,  // the visitor was sent there already
};
std::string_view standing_name(Standing standing) noexcept;

enum class StreamVerdict : std::uint8_t {
  taken,  // the click goes here
  inactive,
  condition,       // one does not hold
  click_limit,     // one has no room
  no_destination,  // that takes the visitor
};
std::string_view stream_verdict_name(StreamVerdict verdict) noexcept;

// Hears what the evaluator does, in its order: what explain shows comes from the decision itself. Conditions and
// destinations belong to the stream that was entered last.
class RoutingRecorder {
 public:
  virtual void entered(const fbs::Stream& stream) = 0;
  // All of them are asked, also behind one that does not hold.
  virtual void asked(const fbs::Condition& condition, const ConditionTrace& answer) = 0;
  // May come more than once for a destination: the last one counts.
  virtual void judged(const fbs::Destination& destination, Standing standing) = 0;
  virtual void left(const fbs::Stream& stream, StreamVerdict verdict) = 0;

 protected:
  ~RoutingRecorder() = default;
};

}  // namespace tributary
