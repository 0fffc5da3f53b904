#include "admin-api/explain/explain_answer.h"

#include <algorithm>

#include "core/base/utf8.h"
#include "core/condition/address.h"
#include "core/condition/kinds.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kMostAccepted = 20;  // of a list of thousands

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value() : json::value(text);
}

// What a visitor sent may be no UTF-8, or is cut inside of a character.
std::string clean(std::string_view text) {
  std::string out;
  append_clean_text(text, out);
  return out;
}

std::string_view kind_name(fbs::StreamKind kind) {
  switch (kind) {
    case fbs::StreamKind::Forced: return "forced";
    case fbs::StreamKind::Regular: return "regular";
    default: return "default";
  }
}

std::string_view selector_name(fbs::Selector selector) {
  switch (selector) {
    case fbs::Selector::Weighted: return "weighted";
    case fbs::Selector::Waterfall: return "waterfall";
    case fbs::Selector::RoundRobin: return "round_robin";
    case fbs::Selector::Sticky: return "sticky";
    case fbs::Selector::BestRoi: return "best_roi";
    default: return "unset";
  }
}

std::string_view period_name(fbs::Period period) {
  constexpr std::string_view kNames[] = {"unset", "hour", "day", "week", "month", "total"};
  return kNames[std::min<std::size_t>(static_cast<std::size_t>(period), std::size(kNames) - 1)];
}

std::string_view measure_name(fbs::CapMeasure measure) {
  constexpr std::string_view kNames[] = {"unset", "clicks", "conversions", "payout", "revenue"};
  return kNames[std::min<std::size_t>(static_cast<std::size_t>(measure), std::size(kNames) - 1)];
}

std::string_view answer_name(CapTake answer) {
  switch (answer) {
    case CapTake::taken: return "room";
    case CapTake::full: return "full";
    default: return "unknown";
  }
}

// As the snapshot has them: folded to lower case, a mask or an expression as it was written.
json::array accepted_texts(const fbs::Condition& condition) {
  json::array list;
  const auto add = [&](const auto* texts, std::string_view around) {
    for (std::uint32_t i = 0; texts != nullptr && i < texts->size() && list.size() < kMostAccepted; ++i) {
      list.push_back(json::value(std::string(around) + texts->Get(i)->str() + std::string(around)));
    }
  };
  add(condition.values(), "");
  add(condition.masks(), "");
  add(condition.regexes(), "/");
  return list;
}

json::object condition_as_json(const ExplainedCondition& asked) {
  const fbs::Condition& condition = *asked.condition;
  const auto* kind = find_condition_kind(condition.kind());
  const auto* argument = condition.argument();
  return {{"kind", kind == nullptr ? "unknown" : kind->name},
          {"argument", argument == nullptr ? json::value() : text_or_null(argument->string_view())},
          {"negated", condition.negated()},
          {"accepted", accepted_texts(condition)},
          {"seen", asked.answer.known ? json::value(clean(asked.answer.seen)) : json::value()},
          {"match", condition_match_name(asked.answer.match)},
          {"holds", asked.answer.holds}};
}

json::array caps_as_json(const std::vector<ExplainedCap>& caps, ExplainState& state) {
  json::array list;
  for (const auto& [cap, window, answer, value] : caps) {
    const bool clicks = cap->measure() == fbs::CapMeasure::Clicks;
    const auto count = clicks ? state.count(cap->slot(), window) : std::nullopt;
    list.push_back(json::object{{"measure", measure_name(cap->measure())},
                                {"period", period_name(cap->period())},
                                {"time_zone", cap->zone() == nullptr ? "UTC" : cap->zone()->name()->c_str()},
                                {"amount", cap->amount()},
                                {"hard", cap->hard()},
                                {"per", cap->per() == 0 ? json::value() : json::value(cap->per())},
                                {"value", cap->per() == 0 ? json::value() : json::value(clean(value))},
                                {"count", count ? json::value(*count) : json::value()},
                                {"answer", !clicks ? "unknown" : answer_name(answer)}});
  }
  return list;
}

std::uint32_t weight_in(const fbs::Stream& stream, const fbs::Destination& destination) {
  for (const fbs::StreamDestination* item : *stream.destinations()) {
    if (item->destination() == &destination) return item->weight();
  }
  return 0;  // an overflow of one of them
}

json::array closed_by(std::uint32_t flags) {
  json::array list;
  if ((flags & kClosedConversions) != 0) list.push_back("conversions");
  if ((flags & kClosedPayout) != 0) list.push_back("payout");
  if ((flags & kClosedRevenue) != 0) list.push_back("revenue");
  return list;
}

json::object destination_as_json(const fbs::Stream& stream, const ExplainedDestination& looked, bool chosen,
                                 ExplainState& state) {
  const auto& facts = looked.facts;
  return {{"id", looked.destination->id()},
          {"weight", weight_in(stream, *looked.destination)},
          {"standing", standing_name(looked.standing)},
          {"chosen", chosen},
          {"down", (facts.flags & kDestinationDown) != 0},
          {"closed_by", closed_by(facts.flags)},
          {"roi_percent", facts.sample == 0 ? json::value() : json::value(static_cast<double>(facts.roi_micros) / 1e4)},
          {"sample", facts.sample},
          {"caps", caps_as_json(looked.caps, state)}};
}

json::array landers_as_json(const fbs::Stream& stream, const RoutingDecision& decision) {
  json::array list;
  for (std::uint32_t i = 0; stream.landers() != nullptr && i < stream.landers()->size(); ++i) {
    const fbs::StreamLander& item = *stream.landers()->Get(i);
    list.push_back(json::object{{"id", item.lander()->id()},
                                {"weight", item.weight()},
                                {"active", item.lander()->state() == fbs::State::Active},
                                {"chosen", decision.stream == &stream && decision.lander == item.lander()}});
  }
  return list;
}

}  // namespace

json::object visitor_as_json(AskedVisitor& visitor) {
  const auto& place = visitor.place();
  const auto& agent = visitor.agent();
  const auto address = address_number(visitor.visit().address);
  json::array labels;
  constexpr std::pair<std::uint32_t, std::string_view> kLabels[] = {{kLabelBot, "bot"},
                                                                    {kLabelPrefetch, "prefetch"},
                                                                    {kLabelHead, "head"},
                                                                    {kLabelScanner, "scanner"},
                                                                    {kLabelTruncated, "truncated"}};
  for (const auto& [label, name] : kLabels) {
    if ((visitor.visit().labels & label) != 0) labels.push_back(json::value(name));
  }
  return {{"address", address ? json::value(address_text(*address)) : json::value()},
          {"country", text_or_null(place.country)},
          {"region", text_or_null(place.region)},
          {"city", text_or_null(place.city)},
          {"isp", text_or_null(place.isp)},
          {"asn", place.asn == 0 ? json::value() : json::value(place.asn)},
          {"connection", text_or_null(place.connection)},
          {"device", text_or_null(device_type_name(agent.device))},
          {"os", text_or_null(agent.os)},
          {"browser", text_or_null(agent.browser)},
          {"bot", visitor.agent_known() ? json::value(agent.bot) : json::value()},
          {"labels", std::move(labels)}};
}

json::array streams_as_json(const Explanation& explanation, ExplainState& state) {
  json::array streams;
  for (const auto& tried : explanation.streams) {
    const fbs::Stream& stream = *tried.stream;
    json::array conditions;
    for (const auto& asked : tried.conditions) conditions.push_back(condition_as_json(asked));
    json::array destinations;
    for (const auto& looked : tried.destinations) {
      const bool chosen =
          explanation.decision.stream == &stream && explanation.decision.destination == looked.destination;
      destinations.push_back(destination_as_json(stream, looked, chosen, state));
    }
    streams.push_back(json::object{{"id", stream.id()},
                                   {"kind", kind_name(stream.kind())},
                                   {"priority", stream.priority()},
                                   {"weight", stream.weight()},
                                   {"selector", selector_name(stream.selector())},
                                   {"verdict", stream_verdict_name(tried.verdict)},
                                   {"conditions", std::move(conditions)},
                                   {"limits", caps_as_json(tried.limits, state)},
                                   {"landers", landers_as_json(stream, explanation.decision)},
                                   {"destinations", std::move(destinations)}});
  }
  return streams;
}

std::string_view redirect_kind_name(fbs::RedirectKind kind) {
  constexpr std::string_view kNames[] = {"http", "meta", "javascript", "hide_referrer", "json"};
  return kNames[std::min<std::size_t>(static_cast<std::size_t>(kind), std::size(kNames) - 1)];
}

json::array unique_as_json(std::uint32_t flags) {
  json::array list;
  if ((flags & kUniqueStream) != 0) list.push_back("stream");
  if ((flags & kUniqueCampaign) != 0) list.push_back("campaign");
  if ((flags & kUniqueGlobal) != 0) list.push_back("global");
  return list;
}

}  // namespace tributary::admin
