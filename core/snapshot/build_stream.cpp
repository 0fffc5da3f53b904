#include "core/snapshot/build_stream.h"

#include <algorithm>
#include <bitset>
#include <string>
#include <tuple>

#include "core/condition/limits.h"
#include "core/money/money.h"
#include "core/snapshot/format.h"

namespace tributary {
namespace {

constexpr const char* kWantedStatus = " is not one of 301, 302, 303, 307";
constexpr const char* kWantedKind = "must be http, meta, javascript, hide_referrer or json";

std::string entity_of(const model::Stream& stream, const std::function<std::string()>& owner) {
  return "stream " + std::to_string(stream.id) + " of " + owner();
}

std::string entity_of(const model::Destination& destination) {
  return "destination " + std::to_string(destination.id);
}

// Where nothing has a weight, these would send nobody anywhere.
bool needs_weight(model::Selector selector) {
  return selector == model::Selector::weighted || selector == model::Selector::sticky ||
         selector == model::Selector::best_roi;
}

bool has_rules(const model::Destination& destination) {
  return !destination.schedules.empty() || !destination.caps.empty() || destination.overflow != 0;
}

}  // namespace

StreamsBuilder::StreamsBuilder(BuildContext& context) : context_(context), rules_(context), landers_(context) {
  destinations_.reserve(context.input.destinations.size());
  for (const model::Destination& destination : context.input.destinations) {
    if (!destinations_.emplace(destination.id, KnownDestination{&destination, 0}).second) {
      context.problem(entity_of(destination), "id", "is used by two destinations");
    }
    if (destination.url.empty()) {
      context.problem(entity_of(destination), "url", "is missing");
    }
  }
}

FbsTables<fbs::Stream> StreamsBuilder::write_all(const model::Campaign& campaign) {
  const auto owner = [&] { return "campaign " + std::to_string(campaign.id); };
  for (const model::Stream& stream : campaign.streams) {
    if (stream.state != model::State::deleted) {
      take_rotation_slot(stream.rotation_slot, [&] { return entity_of(stream, owner); });
    }
  }
  return write_all(campaign.streams, owner);
}

FbsTables<fbs::Stream> StreamsBuilder::write_all(const model::Rotation& rotation) {
  const auto owner = [&] { return "rotation " + std::to_string(rotation.id); };
  std::bitset<kMaxRotationStreams> places;
  for (const model::Stream& stream : rotation.streams) {
    if (stream.rotation_slot >= places.size() || places.test(stream.rotation_slot)) {
      context_.problem(entity_of(stream, owner), "rotation_slot", "is another one's, or not below 64");
    } else {
      places.set(stream.rotation_slot);
    }
  }
  return write_all(rotation.streams, owner);
}

FbsTables<fbs::Stream> StreamsBuilder::write_all(const std::vector<model::Stream>& streams, const Owner& owner) {
  std::vector<const model::Stream*> ordered;
  for (const model::Stream& stream : streams) {
    if (stream.state != model::State::deleted) {
      ordered.push_back(&stream);
    }
  }
  std::sort(ordered.begin(), ordered.end(), [](const model::Stream* a, const model::Stream* b) {
    return std::tie(a->kind, a->priority, a->id) < std::tie(b->kind, b->priority, b->id);
  });
  std::vector<flatbuffers::Offset<fbs::Stream>> written;
  written.reserve(ordered.size());
  rules_.begin_campaign();
  for (const model::Stream* stream : ordered) {
    written.push_back(write(*stream, owner));
  }
  if (rules_.campaign_work() > kMaxCampaignWork) {
    context_.problem(owner(), "conditions",
                     "regular expressions and masks have " + std::to_string(rules_.campaign_work()) +
                         " instructions together, more than " + std::to_string(kMaxCampaignWork));
  }
  return context_.out.CreateVector(written);
}

void StreamsBuilder::check(const model::Stream& stream, const Owner& owner) {
  const auto problem = [&](std::string_view field, std::string reason) {
    context_.problem(entity_of(stream, owner), field, std::move(reason));
  };
  if (stream.id == 0) {
    problem("id", "must not be 0");
  }
  if (stream.kind < model::StreamKind::forced || stream.kind > model::StreamKind::default_stream) {
    problem("kind", "must be forced, regular or default");
  }
  if (stream.selector < model::Selector::weighted || stream.selector > model::Selector::best_roi) {
    problem("selector", "must be weighted, waterfall, round_robin, sticky or best_roi");
  }
  if (stream.exploration_percent > 100) {
    problem("exploration_percent", "must be from 0 to 100");
  }
  if (!is_redirect_status(stream.redirect_status)) {
    problem("redirect_status", std::to_string(stream.redirect_status) + kWantedStatus);
  }
  if (stream.redirect_kind > model::RedirectKind::json) {
    problem("redirect_kind", kWantedKind);
  }
  if (stream.destinations.size() > kMaxStreamDestinations) {
    problem("destinations", "are more than " + std::to_string(kMaxStreamDestinations));
  }
  const bool has_weight = std::any_of(stream.destinations.begin(), stream.destinations.end(),
                                      [](const model::StreamDestination& item) { return item.weight > 0; });
  if (needs_weight(stream.selector) && !stream.destinations.empty() && !has_weight) {
    problem("weight", "is 0 for all destinations");
  }
}

void StreamsBuilder::take_rotation_slots(const model::Campaign& campaign) {
  for (const std::uint32_t slot : campaign.rotation_slots) {
    take_rotation_slot(slot, [&] { return "campaign " + std::to_string(campaign.id); });
  }
}

void StreamsBuilder::take_rotation_slot(std::uint32_t slot, const Owner& entity) {
  if (slot >= kMaxRotationSlots) {
    context_.problem(entity(), "rotation_slot",
                     std::to_string(slot) + " is not below " + std::to_string(kMaxRotationSlots));
    return;
  }
  rotation_slots_ = std::max(rotation_slots_, slot + 1);
  if (slots_taken_.size() <= slot) {
    slots_taken_.resize(std::max<std::size_t>(slot + 1, slots_taken_.size() * 2));
  }
  if (slots_taken_[slot]) {
    context_.problem(entity(), "rotation_slot", std::to_string(slot) + " is used by another stream too");
  }
  slots_taken_[slot] = true;
}

flatbuffers::Offset<fbs::Stream> StreamsBuilder::write(const model::Stream& stream, const Owner& owner) {
  check(stream, owner);
  std::vector<flatbuffers::Offset<fbs::StreamDestination>> items;
  bool plain = stream.selector == model::Selector::weighted && stream.conditions.empty() &&
               stream.anti_repeat_window_s == 0 && stream.landers.empty();
  std::vector<std::uint32_t> weights;  // of those that may be chosen now: a paused destination has no place
  for (const model::StreamDestination& item : stream.destinations) {
    const auto known = destinations_.find(item.destination);
    if (known == destinations_.end()) {
      context_.problem(entity_of(stream, owner), "destinations",
                       "destination " + std::to_string(item.destination) + " does not exist");
      continue;
    }
    if (known->second.model->state == model::State::deleted) {
      continue;
    }
    plain = plain && !has_rules(*known->second.model);
    const auto destination = write_destination(known->second);
    if (!destination.IsNull()) {
      items.push_back(fbs::CreateStreamDestination(context_.out, destination, item.weight));
      weights.push_back(known->second.model->state == model::State::active ? item.weight : 0);
    }
  }
  const auto destinations = context_.out.CreateVector(items);
  const bool scheduled = stream.selector == model::Selector::weighted && items.size() <= kMaxStreamDestinations;
  const auto schedule = scheduled ? context_.schedule(weights) : 0;
  const auto trafficback = context_.url_template(
      stream.trafficback, [&] { return entity_of(stream, owner); }, "trafficback");
  const auto rules = rules_.stream_rules(stream, [&] { return entity_of(stream, owner); });
  if (!stream.landers.empty()) {
    take_rotation_slot(stream.lander_rotation_slot, [&] { return entity_of(stream, owner); });
  }
  const auto landers = landers_.write(stream, [&] { return entity_of(stream, owner); });
  return fbs::CreateStream(context_.out, stream.id, static_cast<fbs::StreamKind>(stream.kind), stream.priority,
                           stream.weight, static_cast<fbs::State>(stream.state),
                           static_cast<fbs::Selector>(stream.selector), stream.rotation_slot, destinations, schedule,
                           stream.redirect_status, trafficback, rules.conditions, rules.caps,
                           stream.anti_repeat_window_s, stream.exploration_percent, stream.minimum_sample, plain,
                           static_cast<fbs::RedirectKind>(stream.redirect_kind), landers.items, landers.schedule,
                           stream.lander_rotation_slot);
}

flatbuffers::Offset<fbs::Destination> StreamsBuilder::write_destination(KnownDestination& destination) {
  if (!destination.offset.IsNull()) {
    return destination.offset;
  }
  const model::Destination& model = *destination.model;
  const auto entity = [&] { return entity_of(model); };
  const auto url = context_.url_template(model.url, entity, "url");
  if (!model.currency.empty() && parse_currency(model.currency) != std::string_view(model.currency)) {
    context_.problem(entity(), "currency", "\"" + model.currency + "\" is not an ISO 4217 code in capitals");
  }
  if (model.redirect_status != 0 && !is_redirect_status(model.redirect_status)) {
    context_.problem(entity(), "redirect_status", std::to_string(model.redirect_status) + kWantedStatus);
  }
  if (model.redirect_kind > model::RedirectKind::json) {
    context_.problem(entity(), "redirect_kind", kWantedKind);
  }
  if (model.payout_micros < 0 || model.payout_micros > kMaxMoneyMicros) {
    context_.problem(entity(), "payout", "must be from 0 to 10^12");
  }
  const auto schedules = rules_.schedules(model, entity);
  const auto caps = rules_.caps(model, entity);
  const auto overflow = write_overflow(destination);
  const auto currency = model.currency.empty() ? 0 : context_.text(model.currency);
  if (!url.IsNull()) {
    destination.offset = fbs::CreateDestination(
        context_.out, model.id, static_cast<fbs::State>(model.state), url, model.network, schedules, caps, overflow,
        model.payout_micros, currency, model.redirect_status, static_cast<fbs::RedirectKind>(model.redirect_kind));
  }
  return destination.offset;
}

// A chain ends: a destination that is being written already would be its own overflow.
flatbuffers::Offset<fbs::Destination> StreamsBuilder::write_overflow(KnownDestination& destination) {
  const std::uint32_t id = destination.model->overflow;
  if (id == 0) {
    return 0;
  }
  const auto problem = [&](const std::string& reason) {
    context_.problem(entity_of(*destination.model), "overflow", "destination " + std::to_string(id) + " " + reason);
    return flatbuffers::Offset<fbs::Destination>();
  };
  const auto known = destinations_.find(id);
  if (known == destinations_.end()) {
    return problem("does not exist");
  }
  KnownDestination& next = known->second;
  if (next.model->state == model::State::deleted) {
    return 0;
  }
  if (&next == &destination || next.being_written) {
    return problem("leads back to this one");
  }
  destination.being_written = true;
  const auto written = write_destination(next);
  destination.being_written = false;
  destination.chain = next.chain + 1;
  return destination.chain <= kMaxOverflowChain
             ? written
             : problem("is the beginning of a chain of more than " + std::to_string(kMaxOverflowChain));
}

}  // namespace tributary
