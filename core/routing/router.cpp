#include "core/routing/router.h"

#include "core/routing/destination_selector.h"
#include "schema/snapshot_generated.h"

namespace tributary {
namespace {

RoutingReason reason_of(const fbs::Stream& stream) noexcept {
  switch (stream.kind()) {
    case fbs::StreamKind::Forced: return RoutingReason::forced;
    case fbs::StreamKind::Regular: return RoutingReason::regular;
    default: return RoutingReason::default_stream;
  }
}

bool is_active(const fbs::Stream& stream) noexcept {
  return stream.state() == fbs::State::Active;
}

class Evaluation {
 public:
  Evaluation(const SnapshotView& snapshot, const RoutingRequest& request, RoutingState& state, RandomSource& random,
             RoutingDecision& decision) noexcept
      : snapshot_(snapshot), request_(request), state_(state), random_(random), decision_(decision) {}

  void run() noexcept {
    decision_.campaign = request_.campaign;
    if (decision_.campaign == nullptr) {
      return trafficback(RoutingReason::unknown_campaign);
    }
    if (decision_.campaign->state() != fbs::State::Active) {
      return trafficback(RoutingReason::campaign_paused);
    }
    if (const auto* streams = decision_.campaign->streams()) {
      for (const fbs::Stream* stream : *streams) {
        if (is_active(*stream) && enter(*next_in_order(*stream))) {
          return;
        }
      }
    }
    trafficback(first_ == nullptr ? RoutingReason::no_stream : RoutingReason::no_destination);
  }

 private:
  bool labelled() const noexcept { return request_.labels != 0; }

  // The stream to try: `stream` itself, or where the campaign draws its regular streams by weight, the drawn one.
  const fbs::Stream* next_in_order(const fbs::Stream& stream) noexcept {
    const bool draws = decision_.campaign->stream_order() == fbs::StreamOrder::Weight &&
                       stream.kind() == fbs::StreamKind::Regular && !drawn_;
    if (!draws) {
      return &stream;
    }
    drawn_ = true;
    const fbs::Stream* chosen = draw_stream(*decision_.campaign, random_);
    return chosen == nullptr ? &stream : chosen;
  }

  bool enter(const fbs::Stream& stream) noexcept {
    if (first_ == nullptr) {
      first_ = &stream;
    }
    const fbs::Destination* destination = select_destination(stream, labelled(), state_, random_);
    if (destination == nullptr) {
      return false;
    }
    decision_.reason = reason_of(stream);
    decision_.stream = &stream;
    decision_.destination = destination;
    decision_.status = stream.redirect_status();
    return true;
  }

  void trafficback(RoutingReason reason) noexcept {
    decision_.reason = reason;
    decision_.stream = first_;
    const fbs::Campaign* campaign = decision_.campaign;
    const fbs::UrlTemplate* levels[] = {
        first_ == nullptr ? nullptr : first_->trafficback(),
        campaign == nullptr ? nullptr : campaign->trafficback(),
        campaign == nullptr ? nullptr : snapshot_.team_trafficback(campaign->team()->high(), campaign->team()->low()),
        snapshot_.global_trafficback(),
    };
    for (std::uint32_t level = 0; level < 4; ++level) {
      if (levels[level] != nullptr) {
        decision_.trafficback = levels[level];
        decision_.trafficback_level = level + 1;
        return;
      }
    }
  }

  const SnapshotView& snapshot_;
  const RoutingRequest& request_;
  RoutingState& state_;
  RandomSource& random_;
  RoutingDecision& decision_;
  const fbs::Stream* first_ = nullptr;  // the first stream that was tried: its trafficback comes first
  bool drawn_ = false;
};

}  // namespace

RoutingDecision route(const SnapshotView& snapshot, const RoutingRequest& request, RoutingState& state,
                      RandomSource& random) noexcept {
  RoutingDecision decision;
  Evaluation(snapshot, request, state, random, decision).run();
  return decision;
}

}  // namespace tributary
