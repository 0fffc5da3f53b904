#include "core/routing/explain.h"

#include <algorithm>

#include "core/routing/candidates.h"
#include "core/routing/click_caps.h"

namespace tributary {
namespace {

// Answers as the state does and keeps it as it is.
class AskedState final : public RoutingState {
 public:
  AskedState(RoutingState& state, std::uint64_t turn) noexcept : state_(state), turn_(turn) {}

  std::uint64_t next_rotation(std::uint32_t) noexcept override { return turn_; }
  CapTake would_take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept override {
    return state_.would_take(slot, window, limit);
  }
  CapTake take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) noexcept override {
    return state_.would_take(slot, window, limit);
  }
  void give_back(std::uint32_t, std::uint32_t) noexcept override {}
  void count_up(std::uint32_t, std::uint32_t) noexcept override {}
  CapTake would_take_value(const CapUse& use, std::uint64_t now_ms) noexcept override {
    return state_.would_take_value(use, now_ms);
  }
  CapTake take_value(const CapUse& use, std::uint64_t now_ms) noexcept override {
    return state_.would_take_value(use, now_ms);
  }
  void give_back_value(const CapUse&) noexcept override {}
  bool known(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept override {
    return state_.known(mark, now_ms, window_s);
  }
  bool seen(VisitorMark mark, std::uint64_t now_ms, std::uint32_t window_s) noexcept override {
    return state_.known(mark, now_ms, window_s);
  }
  DestinationFacts facts(std::uint32_t destination) noexcept override { return state_.facts(destination); }

 private:
  RoutingState& state_;
  std::uint64_t turn_;
};

class Recorder final : public RoutingRecorder {
 public:
  Recorder(std::vector<ExplainedStream>& streams, RoutingState& state, Visitor& visitor, std::uint64_t now_ms) noexcept
      : streams_(streams), state_(state), visitor_(visitor), now_ms_(now_ms) {}

  void entered(const fbs::Stream& stream) override {
    streams_.push_back({&stream, StreamVerdict::taken, {}, caps_of(stream.caps()), {}});
  }
  void asked(const fbs::Condition& condition, const ConditionTrace& answer) override {
    streams_.back().conditions.push_back({&condition, answer});
  }
  void judged(const fbs::Destination& destination, Standing standing) override {
    auto& known = streams_.back().destinations;
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const ExplainedDestination& item) { return item.destination == &destination; });
    if (found != known.end()) {
      found->standing = standing;
      return;
    }
    known.push_back({&destination, standing, state_.facts(destination.id()).at(now_ms_), caps_of(destination.caps())});
  }
  void left(const fbs::Stream&, StreamVerdict verdict) override { streams_.back().verdict = verdict; }

 private:
  std::vector<ExplainedCap> caps_of(const Caps* caps) {
    std::vector<ExplainedCap> seen;
    for (std::uint32_t i = 0; caps != nullptr && i < caps->size(); ++i) {
      const fbs::Cap& cap = *caps->Get(i);
      const CapUse use = use_of(cap, now_ms_, visitor_.tracking());
      const CapTake answer = keeps_away(cap) ? would_take(use, state_, now_ms_) : CapTake::taken;
      seen.push_back({&cap, use.window, answer, std::string(counted_value(cap, visitor_.tracking()))});
    }
    return seen;
  }

  std::vector<ExplainedStream>& streams_;
  RoutingState& state_;
  Visitor& visitor_;
  std::uint64_t now_ms_;
};

// Where a turn or a draw decided, the others were not looked at; whoever asks why wants to know how they stand.
void judge_the_others(Explanation& explanation, const RoutingRequest& request, RoutingContext& told) {
  const fbs::Stream& stream = *explanation.decision.stream;
  Candidates candidates(stream, request, told);
  for (const fbs::StreamDestination* item : *stream.destinations()) {
    const auto& looked_at = explanation.streams.back().destinations;
    const bool known = std::any_of(looked_at.begin(), looked_at.end(), [&](const ExplainedDestination& looked) {
      return looked.destination == item->destination();
    });
    if (!known) {
      candidates.standing(*item->destination());
    }
  }
}

}  // namespace

Explanation explain(const SnapshotView& snapshot, const RoutingRequest& request, RoutingContext& context,
                    std::uint64_t turn) {
  Explanation explanation;
  AskedState asked(context.state, turn);
  Recorder recorder(explanation.streams, asked, context.visitor, request.now_ms);
  RoutingContext told{context.visitor, asked, context.random, context.regexes, &recorder};
  explanation.decision = route(snapshot, request, told);
  if (explanation.decision.destination != nullptr) {
    judge_the_others(explanation, request, told);
  }
  return explanation;
}

std::string rendered_url(const fbs::UrlTemplate& url, ClickMacros& macros) {
  std::string text(kMaxRenderedUrl, '\0');
  text.resize(render_url(url, macros, text));
  return text;
}

}  // namespace tributary
