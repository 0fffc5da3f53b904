#pragma once

#include <cstdint>

#include "core/routing/router.h"
#include "core/routing/routing_recorder.h"
#include "schema/snapshot_generated.h"

namespace tributary {

// The destinations of a stream as one visitor finds them.
class Candidates {
 public:
  Candidates(const fbs::Stream& stream, const RoutingRequest& request, RoutingContext& context) noexcept
      : stream_(stream), request_(request), context_(context) {}

  // Who takes the visitor in the turn of `item`: its destination, or where a cap keeps visitors from it, the first of
  // its overflow that does. nullptr when nobody does.
  const fbs::Destination* taker(const fbs::StreamDestination& item) noexcept;

  Standing standing(const fbs::Destination& destination) noexcept;

  // Would a destination have taken the visitor but for a cap?
  bool met_full_cap() const noexcept { return met_full_cap_; }

  // With anti-repeat, destinations that the visitor never saw go before those whose window has ended.
  bool prefers_unseen() const noexcept { return stream_.anti_repeat_window_s() != 0; }
  void unseen_only(bool only) noexcept { unseen_only_ = only; }

  // Remembers that the visitor is sent there. False when he was already, by a click at the same time.
  bool claim(const fbs::Destination& destination) noexcept;

 private:
  Standing judge(const fbs::Destination& destination) noexcept;
  bool repeated(const fbs::Destination& destination) noexcept;
  VisitorMark mark(const fbs::Destination& destination) noexcept;

  const fbs::Stream& stream_;
  const RoutingRequest& request_;
  RoutingContext& context_;
  bool unseen_only_ = false;
  bool met_full_cap_ = false;
};

}  // namespace tributary
