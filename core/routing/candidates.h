#pragma once

#include <cstdint>

#include "core/routing/router.h"
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

// The destinations of a stream as one visitor finds them.
class Candidates {
 public:
  Candidates(const fbs::Stream& stream, const RoutingRequest& request, RoutingContext& context) noexcept
      : stream_(stream), request_(request), context_(context) {}

  // Who takes the visitor in the turn of `item`: its destination, or where a cap keeps visitors from it, the first of
  // its overflow that does. nullptr when nobody does.
  const fbs::Destination* taker(const fbs::StreamDestination& item) noexcept;

  Standing standing(const fbs::Destination& destination) noexcept;

  // With anti-repeat, destinations that the visitor never saw go before those whose window has ended.
  bool prefers_unseen() const noexcept { return stream_.anti_repeat_window_s() != 0; }
  void unseen_only(bool only) noexcept { unseen_only_ = only; }

  // Remembers that the visitor is sent there. False when he was already, by a click at the same time.
  bool claim(const fbs::Destination& destination) noexcept;

 private:
  bool repeated(const fbs::Destination& destination) noexcept;
  VisitorMark mark(const fbs::Destination& destination) noexcept;

  const fbs::Stream& stream_;
  const RoutingRequest& request_;
  RoutingContext& context_;
  bool unseen_only_ = false;
};

}  // namespace tributary
