#pragma once

#include <cstdint>

#include "core/condition/evaluate.h"
#include "core/condition/fixed_visitor.h"
#include "core/request/tracking_parser.h"
#include "core/routing/click_caps.h"
#include "core/routing/click_macros.h"
#include "core/routing/fixed_routing_state.h"
#include "core/routing/router.h"
#include "core/snapshot/campaign_streams.h"
#include "core/snapshot/snapshot_layer.h"
#include "core/snapshot/snapshot_view.h"
#include "core/time_zone/schedule.h"
#include "core/time_zone/window.h"

// For tests and fuzzers: does with a snapshot everything that an edge can do with it, so that a sanitizer sees every
// byte that a request can reach.
namespace tributary::testing {

class StepRandom final : public RandomSource {
 public:
  std::uint64_t next() noexcept override { return state_ += 0x9e3779b97f4a7c15; }

 private:
  std::uint64_t state_ = 0;
};

inline std::size_t render(const fbs::UrlTemplate* url) {
  static char out[kMaxRenderedUrl];
  if (url == nullptr) {
    return 0;
  }
  FixedVisitor visitor;
  StepRandom random;
  const ClickMacros::Ids ids{.click_id = "id", .campaign = 1, .stream = 2, .destination = 3, .source = 4};
  ClickMacros macros(ids, visitor, 1'795'219'200'000, random);
  return render_url(*url, macros, out);
}

// A visitor who has a value for every kind of condition, and one who has none.
inline std::size_t decide_conditions(const fbs::Stream& stream, std::uint64_t now_ms) {
  static RegexCache regexes;
  static const std::uint8_t kAddress[16] = {0x20, 0x01, 0x0d, 0xb8};
  FixedConditionState state;
  FixedVisitor nobody;
  FixedVisitor somebody;
  somebody.given_place = {"KZ", "AS", "75", "Almaty", "Kcell", "cellular", 15169};
  somebody.given_agent = {DeviceType::phone, false, "Apple", "iPhone", "iOS", "17.1", "Safari", "17"};
  somebody.given_visit.address = AddressBytes(kAddress);
  somebody.given_visit.user_agent = "Mozilla/5.0";
  somebody.given_visit.language = "en-US,en";
  somebody.given_visit.referrer = "https://www.google.com/";
  std::size_t work = 0;
  for (FixedVisitor* visitor : {&nobody, &somebody}) {
    ConditionContext context{*visitor, state, now_ms, regexes};
    if (stream.conditions() != nullptr) {
      for (const fbs::Condition* condition : *stream.conditions()) {
        work += holds(*condition, context) + trace(*condition, context).seen.size();
      }
    }
  }
  return work;
}

inline std::size_t read_caps(const flatbuffers::Vector<flatbuffers::Offset<fbs::Cap>>* caps, std::uint64_t now_ms) {
  std::size_t work = 0;
  for (std::uint32_t i = 0; caps != nullptr && i < caps->size(); ++i) {
    const CapUse use = use_of(*caps->Get(i), now_ms, Tracking{});
    work += use.window + use.value.ends + text_of(caps->Get(i)->currency()).size();
  }
  return work;
}

inline std::size_t read_tracking(const fbs::Campaign& campaign) {
  static constexpr QueryParameter kQuery[] = {{"zoneid", "7", true}, {"SUB1", "x", true}, {"", "y", true}};
  static char decoded[kMaxTrackingTotal];
  if (campaign.source_names() == nullptr) {
    return 0;
  }
  Arena arena(decoded);
  Tracking tracking;
  std::uint32_t labels = 0;
  parse_tracking(kQuery, *campaign.source_names(), arena, tracking, labels);
  return tracking.sub_ids[0].size();
}

inline std::size_t read_rules(const SnapshotView& view, const fbs::Campaign& campaign) {
  constexpr std::uint64_t kNow_ms = 1'795'219'200'000;
  std::size_t work = read_tracking(campaign);
  const Streams* streams = streams_of(view, campaign);
  for (std::uint32_t i = 0; streams != nullptr && i < streams->size(); ++i) {
    const fbs::Stream& stream = *streams->Get(i);
    work += decide_conditions(stream, kNow_ms) + read_caps(stream.caps(), kNow_ms);
    for (std::uint32_t k = 0; stream.destinations() != nullptr && k < stream.destinations()->size(); ++k) {
      for (const auto* item = stream.destinations()->Get(k)->destination(); item != nullptr; item = item->overflow()) {
        work += is_open(item->schedules(), kNow_ms) + read_caps(item->caps(), kNow_ms) + render(item->url());
      }
    }
  }
  return work;
}

inline std::size_t continue_click(const SnapshotView& view, const fbs::Campaign& campaign, const RoutingDecision& shown,
                                  RoutingContext& context) {
  std::size_t work = 0;
  for (const std::uint32_t offer : {0u, 1u, 2u, 0xffffffffu}) {
    const RoutingDecision next =
        route(view, {.campaign = &campaign, .now_ms = 1'795'219'200'000, .from_lander = shown.stream, .offer = offer},
              context);
    work += render(next.destination == nullptr ? next.trafficback : next.destination->url());
  }
  return work;
}

// Every selector sees state that is empty at first and fills up.
inline std::size_t route_campaign(const SnapshotView& view, const fbs::Campaign& campaign) {
  static RegexCache regexes;
  FixedRoutingState state;
  StepRandom random;
  FixedVisitor visitor;
  RoutingContext context{visitor, state, random, regexes};
  std::size_t work = (view.find_campaign(campaign.id()) != nullptr) + render(campaign.landing());
  for (const std::uint32_t labels : {0u, 1u}) {
    for (std::uint64_t click = 0; click < 4; ++click) {
      visitor.given_key = click / 2;
      state.rotation += 0x9e3779b97f4a7c15;
      const RoutingDecision decision =
          route(view,
                {.campaign = view.find_campaign(text_of(campaign.host()), text_of(campaign.slug())),
                 .now_ms = 1'795'219'200'000,
                 .labels = labels},
                context);
      work += render(decision.lander != nullptr        ? decision.lander->url()
                     : decision.destination == nullptr ? decision.trafficback
                                                       : decision.destination->url());
      if (decision.lander != nullptr) {
        work += continue_click(view, campaign, decision, context);
      }
    }
  }
  return work;
}

inline std::size_t read_calls(const fbs::Network& network) {
  std::size_t work = 0;
  if (network.parameters() != nullptr) {
    for (const fbs::ParameterMapping* mapping : *network.parameters()) {
      for (const flatbuffers::String* name : *mapping->names()) {
        work += text_of(name).size();
      }
      work += text_of(mapping->constant()).size();
    }
  }
  if (network.secrets() != nullptr) {
    for (const fbs::Secret* secret : *network.secrets()) {
      work += secret->sha256()->Get(31);
    }
  }
  for (std::uint32_t i = 0; network.allowed() != nullptr && i < network.allowed()->size(); ++i) {
    work += text_of(network.allowed()->Get(i)).size();
  }
  return work;
}

inline std::size_t read_network(const SnapshotView& view, const fbs::Network& network) {
  std::size_t work = view.find_network(network.id()) != nullptr;
  work += view.find_network(text_of(network.key())) != nullptr;
  return work + read_calls(network);
}

inline std::size_t read_advertisers(const SnapshotView& view, const fbs::Snapshot& root) {
  std::size_t work = view.find_advertiser(0) != nullptr;
  for (std::uint32_t i = 0; root.event_keys() != nullptr && i < root.event_keys()->size(); ++i) {
    const auto* hash = root.event_keys()->Get(i)->sha256();
    const fbs::EventKey* key = view.find_event_key({hash->data(), hash->size()});
    const fbs::Advertiser* advertiser = key == nullptr ? nullptr : view.find_advertiser(key->advertiser());
    if (advertiser == nullptr || advertiser->signature_secrets() == nullptr) {
      continue;
    }
    work += text_of(advertiser->currency()).size() + advertiser->team()->high();
    for (const fbs::SignatureSecret* item : *advertiser->signature_secrets()) {
      work += item->secret()->Get(item->secret()->size() - 1);
    }
  }
  return work;
}

// The number it returns only keeps the compiler from leaving the work out.
inline std::size_t every_lookup(const SnapshotView& view, const fbs::Snapshot& root) {
  std::size_t work = render(view.global_trafficback());
  if (root.campaigns() != nullptr) {
    for (const fbs::Campaign* campaign : *root.campaigns()) {
      work += route_campaign(view, *campaign) + read_rules(view, *campaign);
    }
  }
  if (root.networks() != nullptr) {
    for (const fbs::Network* network : *root.networks()) {
      work += read_network(view, *network);
    }
  }
  if (root.teams() != nullptr) {
    for (const fbs::Team* team : *root.teams()) {
      work += render(view.team_trafficback(team->id()->high(), team->id()->low()));
    }
  }
  for (std::uint32_t i = 0; root.links() != nullptr && i < root.links()->size(); ++i) {
    const fbs::Link* link = view.find_link(text_of(root.links()->Get(i)->code()));
    work += link == nullptr ? 0 : render(link->url()) + (view.find_partner(link->partner()) != nullptr);
  }
  for (std::uint32_t i = 0; root.partners() != nullptr && i < root.partners()->size(); ++i) {
    const fbs::Partner* partner = view.find_partner(root.partners()->Get(i)->id());
    work += partner != nullptr && partner->postback() != nullptr ? read_calls(*partner->postback()) : 0;
  }
  work += view.find_link("unknown") != nullptr;
  work += view.find_campaign("unknown.example", "unknown") != nullptr;
  for (std::uint32_t i = 0; root.domains() != nullptr && i < root.domains()->size(); ++i) {
    const CampaignName name(text_of(root.domains()->Get(i)->host()), "");
    work += view.on_own_domain(name, view.find_campaign(name)) != nullptr;
  }
  work += view.find_network("unknown") != nullptr;
  work += read_advertisers(view, root);
  return work + (view.click_keys().minting(1) != nullptr);
}

}  // namespace tributary::testing
