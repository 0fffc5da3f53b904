#include "admin-api/explain/explain_click.h"

#include <algorithm>

#include "admin-api/explain/explain_answer.h"
#include "core/event/event.h"
#include "core/routing/click_macros.h"
#include "core/routing/click_random.h"
#include "core/routing/lander_token.h"
#include "core/routing/shown_next_hop.h"
#include "core/routing/trafficback_hops.h"
#include "core/snapshot/campaign_streams.h"
#include "core/snapshot/format.h"
#include "core/url/append_query.h"
#include "schema/snapshot_generated.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kTrafficbackStatus = 302;
constexpr std::uint32_t kPageStatus = 200;

// One click being explained: the same steps as on the edge, from the id to the URL.
class Call {
 public:
  Call(const AskedClick& click, const SnapshotView& snapshot, AskedVisitor& visitor, ExplainState& state)
      : click_(click), snapshot_(snapshot), visitor_(visitor), state_(state), campaign_(campaign_of(click, snapshot)) {
    if (campaign_ != nullptr) visitor_.take_campaign(*campaign_);
    id_ = click.decided ? click.id : pack_click_id({click.now_ms, 0, 0, static_cast<std::uint32_t>(click.draw), 0, 0});
    text_ = text_of(id_);
    shown_ = click.link ? click.link->click : id_;
    shown_text_ = click.link ? text_of(shown_) : text_;
    if (click.link && campaign_ != nullptr) from_lander_ = find_stream(snapshot_, *campaign_, click.decided->stream);
  }

  json::object answer() {
    const std::uint64_t turn = find_turn();
    const Outcome outcome = decide(turn);
    const std::uint32_t rotation = campaign_ == nullptr ? 0 : campaign_->rotation();
    json::object document{{"campaign", campaign_ == nullptr ? json::value() : json::value(campaign_->id())},
                          {"rotation_id", rotation == 0 ? json::value() : json::value(rotation)},
                          {"visitor", visitor_as_json(visitor_)},
                          {"decision", outcome_as_json(outcome)},
                          {"rotation", json::object{{"turn", turn}, {"source", turn_source()}}},
                          {"streams", streams_as_json(outcome.explanation, state_)}};
    if (click_.decided) {
      document["recorded"] = recorded_as_json(*click_.decided);
      document["same"] = same(outcome.explanation.decision);
    }
    return document;
  }

 private:
  struct Outcome {
    Explanation explanation;
    std::string url;  // empty: there is none
  };

  std::string text_of(const ClickIdentity& id) const {
    std::string text(kNoClickId);
    const auto* key = click_.decided ? snapshot_.click_keys().find(unpack_click_id(id).key) : nullptr;
    if (key != nullptr) format_click_id(id, *key, std::span<char, kClickIdLength>(text.data(), kClickIdLength));
    return text;
  }

  Outcome decide(std::uint64_t turn) {
    if (Outcome outcome = go_to_next_hop(); !outcome.url.empty()) return outcome;
    const RoutingRequest request{.campaign = campaign_,
                                 .now_ms = click_.now_ms,
                                 .labels = click_.labels,
                                 .from_lander = from_lander_,
                                 .offer = click_.link ? click_.link->offer : 0};
    ClickRandom random(id_, text_);
    RoutingContext context{visitor_, state_, random, regexes_};
    Outcome outcome{explain(snapshot_, request, context, turn), {}};
    auto& decision = outcome.explanation.decision;
    const auto* url = target_of(decision);
    if (url != nullptr) outcome.url = render(*url, decision, random);
    if (is_sent(decision) && outcome.url.empty()) {
      decision.destination = nullptr;
      decision.lander = nullptr;
      decision.reason = RoutingReason::bad_url;
    }
    return outcome;
  }

  // To a lander or a destination; else it is trafficback.
  static bool is_sent(const RoutingDecision& decision) {
    return decision.destination != nullptr || decision.lander != nullptr;
  }

  static const fbs::UrlTemplate* target_of(const RoutingDecision& decision) {
    if (decision.lander != nullptr) return decision.lander->url();
    return decision.destination == nullptr ? decision.trafficback : decision.destination->url();
  }

  // Where the request shows one that the campaign allows, no stream is asked.
  Outcome go_to_next_hop() {
    Outcome outcome;
    std::string buffer(kMaxRenderedUrl, '\0');
    if (campaign_ == nullptr || click_.link) return outcome;
    const std::string shown(shown_next_hop(*campaign_, visitor_.query(), buffer));
    if (shown.empty()) return outcome;
    outcome.explanation.decision.campaign = campaign_;
    outcome.explanation.decision.reason = RoutingReason::direct;
    outcome.url = with_query(shown, "click_id=" + text_);
    const unsigned hops = read_hops(visitor_.query(), snapshot_.click_keys(), click_.now_ms);
    if (hops != 0 && leads_to(shown, click_.host)) outcome.url = with_hops(outcome.url, hops);
    return outcome;
  }

  bool same(const RoutingDecision& decision) const {
    const auto& recorded = *click_.decided;
    const auto id_of = [](const auto* record) { return record == nullptr ? 0 : record->id(); };
    if (static_cast<int>(decision.reason) != recorded.reason) return false;
    if (!is_sent(decision)) {
      return recorded.destination == 0 && (recorded.lander == 0 || click_.link) &&
             decision.trafficback_level == recorded.level;
    }
    const bool lander = click_.link.has_value() || id_of(decision.lander) == recorded.lander;
    return lander && id_of(decision.stream) == recorded.stream && id_of(decision.destination) == recorded.destination;
  }

  // How many turns there are before they repeat themselves.
  static std::uint64_t turns_of(const RoutingDecision& decision) {
    const fbs::Stream* stream = decision.stream;
    if (stream == nullptr || stream->destinations() == nullptr) return 1;
    if (decision.lander != nullptr) {
      const auto* schedule = stream->lander_schedule();
      return schedule == nullptr ? 1 : std::max<std::uint64_t>(1, schedule->size());
    }
    const bool weighted = stream->selector() == fbs::Selector::Weighted;
    if (weighted && stream->schedule() != nullptr) return std::max<std::uint64_t>(1, stream->schedule()->size());
    return stream->selector() == fbs::Selector::RoundRobin ? kMaxStreamDestinations : 1;
  }

  std::uint64_t find_turn() {
    if (click_.turn || !click_.decided) return click_.turn.value_or(0);
    std::uint64_t turns = 1;
    for (std::uint64_t turn = 0; turn < turns; ++turn) {
      const auto decision = decide(turn).explanation.decision;
      if (same(decision)) return turn;
      turns = turns_of(decision);
    }
    return 0;
  }

  std::string_view turn_source() const { return click_.turn ? "given" : click_.decided ? "found" : "assumed"; }

  unsigned hops_of(const RoutingDecision& decision) {
    const unsigned hops = read_hops(visitor_.query(), snapshot_.click_keys(), click_.now_ms);
    if (!is_sent(decision)) return hops + 1;
    return hops != 0 && leads_to(target_of(decision)->text()->string_view(), click_.host) ? hops : 0;
  }

  std::string render(const fbs::UrlTemplate& url, const RoutingDecision& decision, ClickRandom& random) {
    ClickMacros::Ids ids;
    ids.click_id = shown_text_;
    if (campaign_ != nullptr) {
      ids.campaign = campaign_->id();
      ids.source = campaign_->source();
    }
    if (decision.destination != nullptr) {
      ids.destination = decision.destination->id();
    }
    if (is_sent(decision)) ids.stream = decision.stream->id();
    if (click_.link && is_sent(decision)) ids.lander = click_.decided->lander;
    if (decision.lander != nullptr) ids.lander = decision.lander->id();
    const std::string token = lander_token(ids);
    if (decision.lander != nullptr) ids.lander_click = token;
    ClickMacros macros(ids, visitor_, click_.now_ms, random);
    std::string text = rendered_url(url, macros);
    const unsigned hops = hops_of(decision);
    return hops == 0 || text.empty() ? text : with_hops(std::move(text), hops);
  }

  // Signed as the edge would do it.
  std::string with_hops(std::string url, unsigned hops) const {
    const auto* key = snapshot_.click_keys().minting(click_.now_ms);
    if (key == nullptr) return url;
    const HopText parameter = write_hops(hops, *key, click_.now_ms);
    return with_query(std::move(url), {parameter.data(), parameter.size()});
  }

  static std::string with_query(std::string url, std::string_view parameters) {
    const std::size_t length = url.size();
    url.resize(kMaxRenderedUrl);
    url.resize(append_query(url, length, parameters));
    return url;
  }

  // Of a click that did not happen: zeros.
  std::string lander_token(const ClickMacros::Ids& ids) const {
    const auto* key = click_.decided ? snapshot_.click_keys().find(unpack_click_id(id_).key) : nullptr;
    if (key == nullptr) return std::string(kLanderTokenLength, '0');
    const LanderTokenText text = write_lander_token({id_, ids.stream, ids.lander}, *key);
    return {text.data(), text.size()};
  }

  // Redirects that are pages, and JSON for another server, are answered 200.
  std::uint32_t status_of(const RoutingDecision& decision) const {
    if (is_sent(decision)) return kind_of(decision) == fbs::RedirectKind::Http ? decision.status : kPageStatus;
    const bool json = decision.stream != nullptr && decision.stream->redirect_kind() == fbs::RedirectKind::Json;
    return json && !click_.link ? kPageStatus : kTrafficbackStatus;
  }

  // Who follows a link is a browser.
  fbs::RedirectKind kind_of(const RoutingDecision& decision) const {
    const bool json = decision.redirect_kind == fbs::RedirectKind::Json;
    return json && click_.link ? fbs::RedirectKind::Http : decision.redirect_kind;
  }

  json::object outcome_as_json(const Outcome& outcome) const {
    const auto& decision = outcome.explanation.decision;
    const bool sent = decision.destination != nullptr;
    json::object document{{"reason", routing_reason_name(decision.reason)},
                          {"stream", nullptr},
                          {"lander", nullptr},
                          {"destination", nullptr},
                          {"trafficback_level", decision.trafficback_level},
                          {"status", nullptr},
                          {"url", nullptr},
                          {"redirect_kind", nullptr},
                          {"unique", unique_as_json(decision.unique)}};
    if (decision.stream != nullptr) document["stream"] = decision.stream->id();
    if (decision.lander != nullptr) document["lander"] = decision.lander->id();
    if (click_.link && sent) document["lander"] = click_.decided->lander;
    if (sent) document["destination"] = decision.destination->id();
    if (is_sent(decision)) document["redirect_kind"] = redirect_kind_name(kind_of(decision));
    if (!outcome.url.empty()) {
      document["status"] = status_of(decision);
      document["url"] = outcome.url;
    }
    return document;
  }

  json::object recorded_as_json(const RecordedDecision& recorded) const {
    const bool page = recorded.lander != 0 && (!click_.link || recorded.destination != 0);
    return {{"reason", routing_reason_name(static_cast<RoutingReason>(recorded.reason))},
            {"stream", recorded.stream == 0 ? json::value() : json::value(recorded.stream)},
            {"lander", page ? json::value(recorded.lander) : json::value()},
            {"destination", recorded.destination == 0 ? json::value() : json::value(recorded.destination)},
            {"trafficback_level", recorded.level},
            {"unique", unique_as_json(recorded.unique)}};
  }

  const AskedClick& click_;
  const SnapshotView& snapshot_;
  AskedVisitor& visitor_;
  ExplainState& state_;
  const fbs::Campaign* campaign_;
  RegexCache regexes_;
  ClickIdentity id_;  // of the record
  std::string text_;
  ClickIdentity shown_;  // of the click that macros name: that which goes on from a lander
  std::string shown_text_;
  const fbs::Stream* from_lander_ = nullptr;
};

}  // namespace

const fbs::Campaign* campaign_of(const AskedClick& click, const SnapshotView& snapshot) noexcept {
  if (click.decided) return click.campaign == 0 ? nullptr : snapshot.find_campaign(click.campaign);
  const CampaignName name(click.host, click.slug);
  return snapshot.on_own_domain(name, snapshot.find_campaign(name));
}

json::object explain_click(const AskedClick& click, const SnapshotView& snapshot, AskedVisitor& visitor,
                           ExplainState& state) {
  return Call(click, snapshot, visitor, state).answer();
}

}  // namespace tributary::admin
