#pragma once

#include <schema/snapshot_generated.h>

#include <optional>

#include "core/request/campaign_cost.h"
#include "core/request/query.h"
#include "core/request/tracking_on_demand.h"
#include "core/routing/click_macros.h"
#include "core/routing/click_random.h"
#include "core/routing/router.h"
#include "core/routing/shared_routing_state.h"
#include "core/routing/trafficback_hops.h"
#include "core/url/append_query.h"
#include "ngx_module/request_context.h"
#include "ngx_module/request_visitor.h"
#include "ngx_module/str.h"
#include "ngx_module/visit.h"
#include "ngx_module/worker.h"

// What the handlers of clicks share, from the request to the event. Inline: a plain campaign pays for every call.
// Nothing here allocates outside r->pool, enters the kernel or takes a lock, and no pointer into the snapshot survives
// the handler.
namespace tributary {

inline constexpr std::size_t kDecodedBytes = 4096;  // what parse_tracking decodes at most

// One click while it is handled. Views point into the request and into the buffers here. The constructor leaves the
// buffers as they are: a click touches only their beginning.
struct ClickCall {
  ClickCall(ngx_http_request_t* request, Worker& w, RequestContext& c, const SnapshotView& s) noexcept
      : r(request),
        worker(w),
        context(c),
        snapshot(s),
        now_ms(tributary::now_ms()),
        tracking(click.visit, parameters, decoded),
        visitor(request, w, click.visit, tracking, parameters) {}

  ngx_http_request_t* r;
  Worker& worker;
  RequestContext& context;
  const SnapshotView& snapshot;
  std::uint64_t now_ms;
  std::optional<ClickRandom> random;  // from mint() on
  Click click;                        // its visit also serves a trafficback
  AddressStorage address;
  AddressStorage masked_address;
  std::span<const QueryParameter> parameters;
  TrackingOnDemand tracking;
  RequestVisitor visitor;
  std::string_view added;  // to the query of the target; lives in r->pool
  // Storage without construction: most queries have a few parameters.
  alignas(QueryParameter) std::byte parameter_storage[kMaxQueryParameters * sizeof(QueryParameter)];
  char decoded[kDecodedBytes];
  char url[kMaxRenderedUrl];
};

inline void split_query(ClickCall& call) noexcept {
  auto* parameters = reinterpret_cast<QueryParameter*>(call.parameter_storage);
  bool truncated = false;
  const std::size_t n = parse_query(call.click.visit.query, {parameters, kMaxQueryParameters}, truncated);
  if (truncated) call.click.visit.labels |= kLabelTruncated;
  call.parameters = {parameters, n};
}

// Every click and trafficback has an id of its own; without a key that mints, one without text.
inline void mint(ClickCall& call, std::uint32_t campaign) noexcept {
  const ClickIdKey* key = call.snapshot.click_keys().minting(call.now_ms);
  const std::uint64_t stamp = call.worker.slot().next_stamp(call.now_ms);
  ClickIdParts parts;
  parts.time_ms = stamp >> 16;
  parts.sequence = static_cast<std::uint32_t>(stamp & 0xffff);
  parts.edge = static_cast<std::uint32_t>(call.worker.conf().edge_number);
  parts.slot = call.worker.slot().number();
  parts.campaign = campaign;
  if (key != nullptr) parts.key = key->id;
  call.click.id = pack_click_id(parts);
  if (key != nullptr) {
    format_click_id(call.click.id, *key, call.context.click_id);
    call.context.has_click_id = true;
  }
  call.random.emplace(call.click.id, key == nullptr ? std::string_view{}
                                                    : std::string_view(call.context.click_id.data(), kClickIdLength));
}

// Behind this, nobody knows the whole address: no macro and no event. The place, which a masked one does not tell, is
// looked up before.
inline void mask_address(ClickCall& call) noexcept {
  AddressMask& addresses = call.worker.addresses();
  if (addresses.keeps()) return;
  call.visitor.place();
  call.click.visit.address = addresses.shown(call.click.visit.address, call.now_ms, call.masked_address);
}

// A target on a host of ours may be another campaign, whose trafficback leads back here: it learns the count too.
inline unsigned hops_ahead(const ClickCall& call, std::string_view target) noexcept {
  const unsigned hops = read_hops(call.parameters, call.snapshot.click_keys(), call.now_ms);
  return hops != 0 && leads_to(target, call.click.visit.host) ? hops : 0;
}
inline unsigned hops_ahead(const ClickCall& call, const fbs::UrlTemplate& target) noexcept {
  return hops_ahead(call, target.text()->string_view());
}

inline std::size_t add_hops(ClickCall& call, std::size_t length, unsigned hops) noexcept {
  const ClickIdKey* key = call.snapshot.click_keys().minting(call.now_ms);
  if (length == 0 || key == nullptr) return length;
  const HopText text = write_hops(hops, *key, call.now_ms);
  return append_query(call.url, length, {text.data(), text.size()});
}

// The URL in r->pool, with the count of hops if there is one; empty when it does not fit or there is no memory.
inline std::string_view render(ClickCall& call, const fbs::UrlTemplate& url_template, ClickMacros::Ids ids,
                               unsigned hops, std::string_view added = {}) noexcept {
  if (call.context.has_click_id) ids.click_id = {call.context.click_id.data(), call.context.click_id.size()};
  ClickMacros macros(ids, call.visitor, call.now_ms, *call.random);
  std::size_t length = render_url(url_template, macros, call.url);
  if (hops != 0) [[unlikely]]
    length = add_hops(call, length, hops);
  if (length != 0 && !added.empty()) [[unlikely]]
    length = append_query(call.url, length, added);
  if (length == 0) return {};
  return view(copy_to(call.r->pool, {call.url, length}));
}

template <typename Event>
void record(ClickCall& call, const Event& event, Outcome outcome, Counter counter) noexcept {
  Worker& worker = call.worker;
  const bool logged = worker.append(worker.event_header(&call.snapshot), event) != 0;
  call.context.outcome = logged ? outcome : Outcome::unlogged;
  worker.count(counter);
  if (!logged) worker.count(Counter::clicks_unlogged);
  if (call.click.visit.labels != 0) worker.count(Counter::clicks_labelled);
}

inline void record_click(ClickCall& call, Outcome outcome, Counter counter) noexcept {
  call.tracking.put_into(call.click);
  record(call, call.click, outcome, counter);
}

// The campaign that this name reaches on this host. Installations without domains of teams look no further.
inline const fbs::Campaign* campaign_of(const ClickCall& call, const CampaignName& name) noexcept {
  const fbs::Campaign* campaign = call.snapshot.find_campaign(name);
  return call.snapshot.has_domains() ? call.snapshot.on_own_domain(name, campaign) : campaign;
}

// Whether this host serves records of a team. Installations without domains of teams look no further.
inline bool served_here(const ClickCall& call, const fbs::Uuid& team) noexcept {
  return !call.snapshot.has_domains() || call.snapshot.serves_team(view(call.r->headers_in.server), team);
}

// What is counted about the first stream, which mostly takes the click.
inline void prefetch_turn(ClickCall& call, const fbs::Campaign& campaign) noexcept {
  const auto* streams = campaign.streams();
  if (streams != nullptr && streams->size() > 0) {
    call.worker.state().prefetch_rotation(streams->Get(0)->rotation_slot());
  }
}

inline void take_campaign(ClickCall& call, const fbs::Campaign& campaign) noexcept {
  prefetch_turn(call, campaign);
  call.context.campaign = campaign.id();
  call.tracking.belongs_to(campaign);
}

// What every click begins with, once its campaign (nullptr: none) is known.
inline void begin_click(ClickCall& call, const fbs::Campaign* campaign) noexcept {
  if (campaign != nullptr) take_campaign(call, *campaign);
  mint(call, call.context.campaign);
}

inline RoutingDecision decide(ClickCall& call, const RoutingRequest& request) noexcept {
  SharedRoutingState state(call.worker.state(), call.worker.slot().number());
  RoutingContext context{call.visitor, state, *call.random, call.worker.regexes()};
  return route(call.snapshot, request, context);
}

}  // namespace tributary
