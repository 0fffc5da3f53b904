#include <schema/snapshot_generated.h>

#include "core/request/campaign_cost.h"
#include "core/request/query.h"
#include "core/request/tracking_parser.h"
#include "core/routing/router.h"
#include "core/routing/shared_routing_state.h"
#include "core/url/url_template.h"
#include "ngx_module/answer.h"
#include "ngx_module/handlers.h"
#include "ngx_module/request_context.h"
#include "ngx_module/request_visitor.h"
#include "ngx_module/str.h"
#include "ngx_module/text/click_values.h"
#include "ngx_module/text/path.h"
#include "ngx_module/visit.h"
#include "ngx_module/worker.h"

// A click, from the request to the 302. Nothing here allocates outside r->pool, enters the kernel or takes a lock, and
// no pointer into the snapshot survives the call.
namespace tributary {
namespace {

constexpr std::size_t kDecodedBytes = 4096;  // what parse_tracking decodes at most
constexpr ngx_uint_t kRedirect = NGX_HTTP_MOVED_TEMPORARILY;

// One click while it is handled. Views point into the request and into the buffers here. The constructor leaves the
// buffers as they are: a click touches only their beginning.
struct ClickCall {
  ClickCall(ngx_http_request_t* request, Worker& w, RequestContext& c, const SnapshotView& s) noexcept
      : r(request), worker(w), context(c), snapshot(s), now_ms(tributary::now_ms()) {}

  ngx_http_request_t* r;
  Worker& worker;
  RequestContext& context;
  const SnapshotView& snapshot;
  std::uint64_t now_ms;
  Click click;  // its visit and tracking also serve a trafficback
  AddressStorage address;
  std::span<const QueryParameter> parameters;
  // Storage without construction: most queries have a few parameters.
  alignas(QueryParameter) std::byte parameter_storage[kMaxQueryParameters * sizeof(QueryParameter)];
  char decoded[kDecodedBytes];
  char url[kMaxRenderedUrl];
};

void split_query(ClickCall& call) noexcept {
  auto* parameters = reinterpret_cast<QueryParameter*>(call.parameter_storage);
  bool truncated = false;
  const std::size_t n = parse_query(call.click.visit.query, {parameters, kMaxQueryParameters}, truncated);
  if (truncated) call.click.visit.labels |= kLabelTruncated;
  call.parameters = {parameters, n};
}

void read_tracking(ClickCall& call) noexcept {
  Arena arena(call.decoded);
  parse_tracking(call.parameters, arena, call.click.tracking, call.click.visit.labels);
}

// Every click and trafficback has an id of its own; without a key that mints, one without text.
void mint(ClickCall& call, std::uint32_t campaign) noexcept {
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
}

// The URL of `url_template` in r->pool; empty when it does not fit or there is no memory.
std::string_view render(ClickCall& call, const fbs::UrlTemplate& url_template, ClickValues::Ids ids) noexcept {
  if (call.context.has_click_id) ids.click_id = {call.context.click_id.data(), call.context.click_id.size()};
  ClickValues values(ids, call.click.visit, call.click.tracking, view(call.r->connection->addr_text), call.now_ms);
  const auto* parts = reinterpret_cast<const TemplatePart*>(url_template.parts()->Data());
  const std::size_t length =
      render_template(url_template.text()->string_view(), {parts, url_template.parts()->size()}, values, call.url);
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

ngx_int_t answer_fallback(ngx_http_request_t* r, ngx_int_t otherwise) noexcept {
  const LocationConf* conf = location_conf(r);
  if (conf->fallback_code == NGX_CONF_UNSET) return otherwise;
  if (conf->fallback_code != 0) return conf->fallback_code;
  return answer_redirect(r, kRedirect, view(conf->fallback_url));
}

std::uint32_t fallback_status(ngx_http_request_t* r, ngx_int_t otherwise) noexcept {
  const LocationConf* conf = location_conf(r);
  if (conf->fallback_code == NGX_CONF_UNSET) return static_cast<std::uint32_t>(otherwise);
  return static_cast<std::uint32_t>(conf->fallback_code != 0 ? conf->fallback_code : kRedirect);
}

ngx_int_t send_to_destination(ClickCall& call, const RoutingDecision& decision) noexcept {
  Click& click = call.click;
  const ClickValues::Ids ids{
      {}, decision.campaign->id(), decision.stream->id(), decision.destination->id(), decision.campaign->source()};
  const std::string_view url = render(call, *decision.destination->url(), ids);
  if (url.empty()) return NGX_DECLINED;
  click.stream = ids.stream;
  click.destination = ids.destination;
  click.source = ids.source;
  click.reason = decision.reason;
  click.unique = decision.unique;
  click.status = decision.status;
  call.context.stream = ids.stream;
  call.context.destination = ids.destination;
  record(call, click, Outcome::redirected, Counter::clicks_redirected);
  return answer_redirect(call.r, decision.status, url);
}

ngx_int_t send_back(ClickCall& call, const RoutingDecision& decision, RoutingReason reason) noexcept {
  call.context.reason = reason;
  Trafficback event;
  ClickValues::Ids ids;
  if (decision.campaign != nullptr) {
    ids.campaign = decision.campaign->id();
    ids.source = decision.campaign->source();
  }
  event.id = call.click.id;
  event.visit = call.click.visit;
  event.tracking = call.click.tracking;
  event.reason = reason;
  event.campaign = ids.campaign;
  const std::string_view url =
      decision.trafficback == nullptr ? std::string_view{} : render(call, *decision.trafficback, ids);
  if (!url.empty()) {
    event.level = decision.trafficback_level;
    event.status = kRedirect;
    record(call, event, Outcome::trafficback, Counter::clicks_trafficback);
    return answer_redirect(call.r, kRedirect, url);
  }
  event.status = fallback_status(call.r, NGX_HTTP_NOT_FOUND);
  record(call, event, Outcome::fallback, Counter::clicks_fallback);
  return answer_fallback(call.r, NGX_HTTP_NOT_FOUND);
}

// What is counted about the first stream, which mostly takes the click.
void prefetch_turn(ClickCall& call, const fbs::Campaign& campaign) noexcept {
  const auto* streams = campaign.streams();
  if (streams != nullptr && streams->size() > 0) {
    call.worker.state().prefetch_rotation(streams->Get(0)->rotation_slot());
  }
}

// The campaign comes out of cold memory while the request is read: first the index, then the record.
const fbs::Campaign* read_request(ClickCall& call) noexcept {
  std::string_view tail = path_tail(call.r);
  const CampaignName name(view(call.r->headers_in.server), take_segment(tail));
  call.snapshot.prefetch_slots(name);
  read_visit(call.r, call.address, call.click.visit);
  split_query(call);
  call.snapshot.prefetch_record(name);
  read_tracking(call);
  return call.snapshot.find_campaign(name);
}

void take_campaign(ClickCall& call, const fbs::Campaign& campaign) noexcept {
  prefetch_turn(call, campaign);
  call.context.campaign = campaign.id();
  const auto* currency = campaign.currency();
  apply_campaign_cost(call.click.tracking, campaign.cost_micros(), currency ? currency->string_view() : "");
}

RoutingDecision decide(ClickCall& call, const RoutingRequest& request) noexcept {
  RequestVisitor visitor(call.r, call.worker, call.click.visit, call.click.tracking, call.parameters);
  SharedRoutingState state(call.worker.state(), call.worker.slot().number());
  RoutingContext context{visitor, state, call.worker, call.worker.regexes()};
  return route(call.snapshot, request, context);
}

ngx_int_t handle(ClickCall& call) noexcept {
  RoutingRequest request;
  request.campaign = read_request(call);
  request.now_ms = call.now_ms;
  request.labels = call.click.visit.labels;
  if (request.campaign != nullptr) take_campaign(call, *request.campaign);
  mint(call, call.context.campaign);
  const RoutingDecision decision = decide(call, request);
  call.context.reason = decision.reason;
  if (decision.destination == nullptr) return send_back(call, decision, decision.reason);
  const ngx_int_t rc = send_to_destination(call, decision);
  return rc == NGX_DECLINED ? send_back(call, decision, RoutingReason::bad_url) : rc;
}

// Nothing was published yet, or this worker has no slot: nothing can be decided, but what came in is still written.
ngx_int_t serve_without_snapshot(ngx_http_request_t* r, Worker* worker, RequestContext& context) noexcept {
  const bool fallback = location_conf(r)->fallback_code != NGX_CONF_UNSET;
  context.outcome = fallback ? Outcome::fallback : Outcome::unavailable;
  context.reason = RoutingReason::no_snapshot;
  if (worker != nullptr && worker->ready()) {
    AddressStorage address;
    Trafficback event;
    read_visit(r, address, event.visit);
    event.reason = RoutingReason::no_snapshot;
    event.status = fallback_status(r, NGX_HTTP_SERVICE_UNAVAILABLE);
    const std::uint64_t stamp = worker->slot().next_stamp(now_ms());
    event.id = pack_click_id({stamp >> 16, static_cast<std::uint32_t>(worker->conf().edge_number),
                              worker->slot().number(), static_cast<std::uint32_t>(stamp & 0xffff), 0, 0});
    worker->count(Counter::clicks_fallback);
    if (worker->append(worker->event_header(nullptr), event) == 0) worker->count(Counter::clicks_unlogged);
  }
  return answer_fallback(r, NGX_HTTP_SERVICE_UNAVAILABLE);
}

}  // namespace

ngx_int_t redirect_handler(ngx_http_request_t* r) noexcept {
  if (r != r->main) return NGX_HTTP_FORBIDDEN;
  if (!(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD))) return NGX_HTTP_NOT_ALLOWED;
  if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) return rc;
  RequestContext* context = make_context(r);
  if (context == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;

  Worker* self = worker();
  const SnapshotView* snapshot = self == nullptr || !self->ready() ? nullptr : self->snapshot();
  if (snapshot == nullptr) return serve_without_snapshot(r, self, *context);
  context->generation = pack_generation(snapshot->generation());
  ClickCall call(r, *self, *context, *snapshot);
  return handle(call);
}

}  // namespace tributary
