#pragma once

#include <string>

#include "admin-api/conversions/stored_call.h"
#include "core/event/event.h"
#include "core/snapshot/snapshot_view.h"

namespace tributary::admin {

// A call as its row has it: identity, what the edge judged, and what was sent.
struct QuarantinedCall {
  EventHeader header;  // of its record
  std::uint64_t conversion_id = 0;
  std::uint32_t network = 0;
  std::uint32_t affiliate = 0;
  PostbackVerdict verdict = PostbackVerdict::unknown;
  bool verified = false;
  std::string signature;
  std::string uri;
  std::string body;
};

// What the present configuration makes of a call that was received at header.time_us, by the code of the edge. Holds
// what the result points into.
class Judgement {
 public:
  Judgement(const QuarantinedCall& call, const SnapshotView& snapshot);

  const Postback& postback() const noexcept { return postback_; }
  const StoredCall& call() const noexcept { return call_; }
  // The event that the edge would write now, with the time and the number of the one that it wrote; without what the
  // row of the call keeps anyway.
  std::string event(const EventHeader& header) const;

 private:
  StoredCall call_;
  std::string signature_;
  std::string memory_;
  Postback postback_;
};

}  // namespace tributary::admin
