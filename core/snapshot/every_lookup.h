#pragma once

#include <cstdint>

#include "core/routing/router.h"
#include "core/snapshot/snapshot_layer.h"
#include "core/snapshot/snapshot_view.h"
#include "core/url/url_template.h"

// For tests and fuzzers: does with a snapshot everything that an edge can do with it, so that a sanitizer sees every
// byte that a request can reach.
namespace tributary::testing {

class NoValues final : public MacroSource {
 public:
  std::string_view value(Macro) noexcept override { return "x"; }
};

class StepRotation final : public RoutingState {
 public:
  std::uint64_t next_rotation(std::uint32_t) noexcept override { return turn_ += 0x9e3779b97f4a7c15; }

 private:
  std::uint64_t turn_ = 0;
};

class StepRandom final : public RandomSource {
 public:
  std::uint64_t next() noexcept override { return state_ += 0x9e3779b97f4a7c15; }

 private:
  std::uint64_t state_ = 0;
};

inline std::size_t render(const fbs::UrlTemplate* url) {
  static char out[kMaxRenderedUrl];
  NoValues values;
  if (url == nullptr) {
    return 0;
  }
  const auto* parts = reinterpret_cast<const TemplatePart*>(url->parts()->Data());
  return render_template(text_of(url->text()), {parts, url->parts()->size()}, values, out);
}

inline std::size_t route_campaign(const SnapshotView& view, const fbs::Campaign& campaign) {
  StepRotation rotation;
  StepRandom random;
  std::size_t work = view.find_campaign(campaign.id()) != nullptr;
  for (const std::uint32_t labels : {0u, 1u}) {
    for (int click = 0; click < 4; ++click) {
      const RoutingDecision decision =
          route(view,
                {.campaign = view.find_campaign(text_of(campaign.host()), text_of(campaign.slug())),
                 .now_ms = 1,
                 .labels = labels},
                rotation, random);
      work += render(decision.destination == nullptr ? decision.trafficback : decision.destination->url());
    }
  }
  return work;
}

inline std::size_t read_network(const SnapshotView& view, const fbs::Network& network) {
  std::size_t work = view.find_network(network.id()) != nullptr;
  work += view.find_network(text_of(network.key())) != nullptr;
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
  return work;
}

// The number it returns only keeps the compiler from leaving the work out.
inline std::size_t every_lookup(const SnapshotView& view, const fbs::Snapshot& root) {
  std::size_t work = render(view.global_trafficback());
  if (root.campaigns() != nullptr) {
    for (const fbs::Campaign* campaign : *root.campaigns()) {
      work += route_campaign(view, *campaign);
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
  work += view.find_campaign("unknown.example", "unknown") != nullptr;
  work += view.find_network("unknown") != nullptr;
  return work + (view.click_keys().minting(1) != nullptr);
}

}  // namespace tributary::testing
