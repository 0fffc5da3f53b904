#include "core/routing/router.h"

#include "core/condition/evaluate.h"
#include "core/routing/click_caps.h"
#include "core/routing/destination_selector.h"
#include "core/routing/lander_selector.h"
#include "core/routing/routing_recorder.h"
#include "core/routing/stream_draw.h"
#include "core/routing/takers.h"
#include "core/routing/visitor_history.h"
#include "core/snapshot/campaign_streams.h"
#include "schema/snapshot_generated.h"

namespace tributary {
namespace {

// How often a click chooses in one stream. Only clicks at the same time make a choice fail: each time, somebody else
// had what was left.
constexpr int kMaxChoices = 64;

RoutingReason reason_of(const fbs::Stream& stream) noexcept {
  switch (stream.kind()) {
    case fbs::StreamKind::Forced: return RoutingReason::forced;
    case fbs::StreamKind::Regular: return RoutingReason::regular;
    default: return RoutingReason::default_stream;
  }
}

// The first that there is: of the stream, the campaign, the team, the installation.
void find_trafficback(const SnapshotView& snapshot, RoutingDecision& decision) noexcept {
  const fbs::Stream* stream = decision.stream;
  const fbs::Campaign* campaign = decision.campaign;
  const fbs::UrlTemplate* levels[] = {
      stream == nullptr ? nullptr : stream->trafficback(),
      campaign == nullptr ? nullptr : campaign->trafficback(),
      campaign == nullptr ? nullptr : snapshot.team_trafficback(campaign->team()->high(), campaign->team()->low()),
      snapshot.global_trafficback(),
  };
  for (std::uint32_t level = 0; level < 4; ++level) {
    if (levels[level] != nullptr) {
      decision.trafficback = levels[level];
      decision.trafficback_level = level + 1;
      return;
    }
  }
}

class Evaluation {
 public:
  Evaluation(const SnapshotView& snapshot, const RoutingRequest& request, RoutingContext& context,
             RoutingDecision& decision) noexcept
      : snapshot_(snapshot), request_(request), context_(context), decision_(decision), history_(request, context) {}

  void run() noexcept {
    decision_.campaign = request_.campaign;
    if (decision_.campaign == nullptr) {
      return trafficback(RoutingReason::unknown_campaign);
    }
    if (decision_.campaign->state() != fbs::State::Active) {
      return trafficback(RoutingReason::campaign_paused);
    }
    const Streams* streams = decision_.campaign->streams();
    if (streams == nullptr) [[unlikely]] {
      streams = streams_of(snapshot_, *decision_.campaign);
      const auto* slots = decision_.campaign->rotation_slots();
      context_.rotation_slots =
          slots == nullptr ? std::span<const std::uint32_t>() : std::span(slots->data(), slots->size());
    }
    if (request_.from_lander != nullptr) {
      return go_on(*request_.from_lander);
    }
    if (streams == nullptr || !enter_any(*streams)) {
      trafficback(capped_             ? RoutingReason::capped
                  : first_ == nullptr ? RoutingReason::no_stream
                                      : RoutingReason::no_destination);
    }
  }

 private:
  // Forced streams stand first, then regular ones, then the default; each by priority.
  bool enter_any(const Streams& streams) noexcept {
    const bool draws = decision_.campaign->stream_order() == fbs::StreamOrder::Weight;
    bool drawn = false;
    for (const fbs::Stream* stream : streams) {
      if (!draws || stream->kind() != fbs::StreamKind::Regular) {
        if (enter(*stream)) {
          return true;
        }
      } else if (!drawn) {
        drawn = true;
        if (enter_drawn(streams)) {
          return true;
        }
      }
    }
    return false;
  }

  bool enter_drawn(const Streams& streams) noexcept {
    StreamDraw draw(streams, context_.random);
    for (const fbs::Stream* stream = draw.next(); stream != nullptr; stream = draw.next()) {
      if (enter(*stream)) {
        return true;
      }
    }
    return false;
  }

  bool enter(const fbs::Stream& stream) noexcept {
    Turns turns = counted_label() ? Turns::counted : Turns::drawn;
    if (context_.recorder != nullptr) [[unlikely]] {
      context_.recorder->entered(stream);
      const StreamVerdict verdict = enter_by_rules(stream, turns);
      context_.recorder->left(stream, verdict);
      return verdict == StreamVerdict::taken;
    }
    if (stream.plain() && stream.state() == fbs::State::Active && turns == Turns::counted) {
      if (const fbs::Destination* destination = plain_turn(stream, context_)) {
        decision_.destination = destination;
        go(stream);
        return true;
      }
      turns = Turns::drawn;
    }
    return enter_by_rules(stream, turns) == StreamVerdict::taken;
  }

  StreamVerdict enter_by_rules(const fbs::Stream& stream, Turns turns) noexcept {
    if (stream.state() != fbs::State::Active) {
      return StreamVerdict::inactive;
    }
    history_.enter(stream);
    if (!conditions_hold(stream.conditions())) {
      return StreamVerdict::condition;
    }
    if (!has_room(stream)) {
      return StreamVerdict::click_limit;
    }
    if (first_ == nullptr) {
      first_ = &stream;
    }
    Candidates candidates(stream, request_, context_);
    if (stream.landers() != nullptr && has_lander(*stream.landers())) {
      return enter_lander(stream, candidates, turns);
    }
    decision_.destination = choose(stream, candidates, turns);
    if (decision_.destination == nullptr) {
      capped_ = capped_ || candidates.met_full_cap();
      return StreamVerdict::no_destination;
    }
    go(stream);
    return StreamVerdict::taken;
  }

  // A lander is shown while a destination behind it takes the visitor. The click uses its click limits now, and what
  // its destination limits when the visitor is sent there.
  StreamVerdict enter_lander(const fbs::Stream& stream, Candidates& candidates, Turns turns) noexcept {
    if (stream.destinations() == nullptr || Takers(stream, candidates).size() == 0) {
      capped_ = capped_ || candidates.met_full_cap();
      return StreamVerdict::no_destination;
    }
    if (!take_caps(stream.caps(), nullptr, candidates, nullptr)) {
      capped_ = true;
      return StreamVerdict::click_limit;
    }
    decision_.lander = select_lander(stream, turns, context_);
    go(stream);
    return StreamVerdict::taken;
  }

  void go_on(const fbs::Stream& stream) noexcept {
    first_ = &stream;
    if (context_.recorder != nullptr) {
      context_.recorder->entered(stream);
    }
    const StreamVerdict verdict = go_on_to_destination(stream);
    if (context_.recorder != nullptr) {
      context_.recorder->left(stream, verdict);
    }
    if (verdict != StreamVerdict::taken) {
      trafficback(capped_                              ? RoutingReason::capped
                  : verdict == StreamVerdict::inactive ? RoutingReason::no_stream
                                                       : RoutingReason::no_destination);
    }
  }

  StreamVerdict go_on_to_destination(const fbs::Stream& stream) noexcept {
    if (stream.state() != fbs::State::Active) {
      return StreamVerdict::inactive;
    }
    Candidates candidates(stream, request_, context_);
    const fbs::Destination* destination = named_offer(stream, candidates);
    if (destination == nullptr) {
      destination = choose(stream, candidates, counted_label() ? Turns::counted : Turns::drawn);
    }
    if (destination == nullptr) {
      capped_ = candidates.met_full_cap();
      return StreamVerdict::no_destination;
    }
    decision_.destination = destination;
    take(stream);
    return StreamVerdict::taken;
  }

  // What the link names, or its overflow. nullptr when it names nothing, or nobody takes the visitor.
  const fbs::Destination* named_offer(const fbs::Stream& stream, Candidates& candidates) noexcept {
    if (request_.offer == 0 || stream.destinations() == nullptr || request_.offer > stream.destinations()->size()) {
      return nullptr;
    }
    const fbs::Destination* destination = candidates.taker(*stream.destinations()->Get(request_.offer - 1));
    return destination != nullptr && claim(stream, *destination, candidates) ? destination : nullptr;
  }

  // What is chosen stands in the decision already.
  void take(const fbs::Stream& stream) noexcept {
    decision_.reason = reason_of(stream);
    decision_.stream = &stream;
    const fbs::Destination* destination = decision_.destination;
    const bool own = destination != nullptr && destination->redirect_status() != 0;
    decision_.redirect_kind = own ? destination->redirect_kind() : stream.redirect_kind();
    decision_.status = own ? destination->redirect_status() : stream.redirect_status();
  }

  void go(const fbs::Stream& stream) noexcept {
    take(stream);
    if (history_.window_s() != 0 && counted()) {
      decision_.unique = history_.remember(stream);
    }
  }

  bool conditions_hold(const Conditions* conditions) noexcept {
    ConditionContext context{context_.visitor, history_, request_.now_ms, context_.regexes};
    if (context_.recorder == nullptr || conditions == nullptr) {
      return first_failing(conditions, context) == nullptr;
    }
    bool all = true;
    for (const fbs::Condition* condition : *conditions) {
      const ConditionTrace answer = trace(*condition, context);
      context_.recorder->asked(*condition, answer);
      all = all && answer.holds;
    }
    return all;
  }

  bool has_room(const fbs::Stream& stream) noexcept {
    const bool room = stream.caps() == nullptr || caps_have_room(stream.caps(), context_, request_.now_ms);
    capped_ = capped_ || !room;
    return room;
  }

  const fbs::Destination* choose(const fbs::Stream& stream, Candidates& candidates, Turns turns) noexcept {
    for (int choice = 0; choice < kMaxChoices; ++choice) {
      const fbs::Destination* destination = select_destination(stream, candidates, turns, context_);
      if (destination == nullptr || claim(stream, *destination, candidates)) {
        return destination;
      }
      if (request_.from_lander == nullptr && !has_room(stream)) {
        return nullptr;
      }
      turns = Turns::drawn;
    }
    return nullptr;
  }

  // What the click uses up. False when somebody else was faster: nothing is used then.
  bool claim(const fbs::Stream& stream, const fbs::Destination& destination, Candidates& candidates) noexcept {
    return take_caps(request_.from_lander == nullptr ? stream.caps() : nullptr, destination.caps(), candidates,
                     &destination);
  }

  bool take_caps(const Caps* of_stream, const Caps* of_destination, Candidates& candidates,
                 const fbs::Destination* destination) noexcept {
    const bool capped = of_stream != nullptr || of_destination != nullptr;
    const bool remembers = destination != nullptr && candidates.prefers_unseen();
    if ((!capped && !remembers) || !counted()) {
      return true;
    }
    if (!capped) {
      return candidates.claim(*destination);
    }
    ClickCaps caps(of_stream, of_destination, context_, request_.now_ms);
    if (!caps.take()) {
      return false;
    }
    if (remembers && !candidates.claim(*destination)) {
      caps.give_back();
      return false;
    }
    caps.count_soft();
    return true;
  }

  // Asked only where it matters: a plain campaign does not look at who its visitor is.
  bool counted() noexcept { return counted_label() && !context_.visitor.agent().bot; }
  bool counted_label() const noexcept { return (request_.labels & kUncountedLabels) == 0; }

  void trafficback(RoutingReason reason) noexcept {
    decision_.reason = reason;
    decision_.stream = first_;
    find_trafficback(snapshot_, decision_);
  }

  const SnapshotView& snapshot_;
  const RoutingRequest& request_;
  RoutingContext& context_;
  RoutingDecision& decision_;
  VisitorHistory history_;
  bool capped_ = false;                 // with more room in a cap or click limit, the visitor would have been taken
  const fbs::Stream* first_ = nullptr;  // the first one that would take the visitor: its trafficback comes first
};

}  // namespace

RoutingDecision route(const SnapshotView& snapshot, const RoutingRequest& request, RoutingContext& context) noexcept {
  RoutingDecision decision;
  Evaluation(snapshot, request, context, decision).run();
  return decision;
}

RoutingDecision decide_trafficback(const SnapshotView& snapshot, const fbs::Campaign* campaign,
                                   RoutingReason reason) noexcept {
  RoutingDecision decision;
  decision.campaign = campaign;
  decision.reason = reason;
  find_trafficback(snapshot, decision);
  return decision;
}

}  // namespace tributary
