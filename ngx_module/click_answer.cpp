#include "ngx_module/click_answer.h"

#include "ngx_module/answer.h"
#include "ngx_module/text/redirect_page.h"

namespace tributary {
namespace {

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

std::uint32_t status_of(const RoutingDecision& decision) noexcept {
  return decision.redirect_kind == fbs::RedirectKind::Http ? decision.status : NGX_HTTP_OK;
}

RedirectPage page_of(fbs::RedirectKind kind) noexcept {
  switch (kind) {
    case fbs::RedirectKind::Javascript: return RedirectPage::javascript;
    case fbs::RedirectKind::HideReferrer: return RedirectPage::hide_referrer;
    case fbs::RedirectKind::Json: return RedirectPage::json;
    default: return RedirectPage::meta;
  }
}

ngx_int_t answer_page(ClickCall& call, RedirectPage page, std::string_view url) noexcept {
  const RequestContext& context = call.context;
  PageValues values{.url = url, .reason = routing_reason_name(context.reason)};
  if (context.has_click_id) values.click_id = {context.click_id.data(), context.click_id.size()};
  values.campaign = context.campaign;
  values.stream = context.stream;
  values.destination = context.destination;
  const std::size_t size = write_page(page, values, nullptr);
  auto* body = static_cast<u_char*>(ngx_pnalloc(call.r->pool, size));
  if (body == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  write_page(page, values, reinterpret_cast<char*>(body));
  if (page == RedirectPage::hide_referrer && !add_header(call.r, "Referrer-Policy", "no-referrer")) {
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  return answer_body(call.r, NGX_HTTP_OK, page_type(page), {size, body});
}

ClickMacros::Ids ids_of(const RoutingDecision& decision) noexcept {
  ClickMacros::Ids ids;
  ids.campaign = decision.campaign->id();
  ids.stream = decision.stream->id();
  ids.source = decision.campaign->source();
  if (decision.destination != nullptr) ids.destination = decision.destination->id();
  if (decision.lander != nullptr) ids.lander = decision.lander->id();
  return ids;
}

ngx_int_t record_and_answer(ClickCall& call, const RoutingDecision& decision, const ClickMacros::Ids& ids,
                            std::string_view url, Counter counter) noexcept {
  Click& click = call.click;
  click.stream = ids.stream;
  click.destination = ids.destination;
  click.source = ids.source;
  click.lander = ids.lander;
  click.reason = decision.reason;
  click.unique = decision.unique;
  click.status = status_of(decision);
  call.context.stream = ids.stream;
  call.context.destination = ids.destination;
  call.context.lander = ids.lander;
  record_click(call, Outcome::redirected, counter);
  if (click.status == NGX_HTTP_OK) [[unlikely]]
    return answer_page(call, page_of(decision.redirect_kind), url);
  return answer_redirect(call.r, click.status, url);
}

ngx_int_t send_to_destination(ClickCall& call, const RoutingDecision& decision) noexcept {
  const ClickMacros::Ids ids = ids_of(decision);
  const fbs::UrlTemplate& target = *decision.destination->url();
  const std::string_view url = render(call, target, ids, hops_ahead(call, target), call.added);
  if (url.empty()) return NGX_DECLINED;
  return record_and_answer(call, decision, ids, url, Counter::clicks_redirected);
}

ngx_int_t send_to_lander(ClickCall& call, const RoutingDecision& decision) noexcept {
  ClickMacros::Ids ids = ids_of(decision);
  LanderTokenText token;
  if (const ClickIdKey* key = call.snapshot.click_keys().minting(call.now_ms)) {
    token = write_lander_token({call.click.id, ids.stream, ids.lander}, *key);
    ids.lander_click = {token.data(), token.size()};
  }
  const fbs::UrlTemplate& target = *decision.lander->url();
  const std::string_view url = render(call, target, ids, hops_ahead(call, target), call.added);
  if (url.empty()) return NGX_DECLINED;
  return record_and_answer(call, decision, ids, url, Counter::landers_shown);
}

// The fallback of this location may lead into the loop as well, so only its code is used.
ngx_int_t end_loop(ClickCall& call, Trafficback& event) noexcept {
  const LocationConf* conf = location_conf(call.r);
  const bool has_code = conf->fallback_code != NGX_CONF_UNSET && conf->fallback_code != 0;
  const ngx_int_t status = has_code ? conf->fallback_code : NGX_HTTP_NOT_FOUND;
  call.context.reason = event.reason = RoutingReason::loop;
  event.visit = call.click.visit;
  event.status = static_cast<std::uint32_t>(status);
  record(call, event, Outcome::fallback, Counter::clicks_fallback);
  return status;
}

ngx_int_t send_back(ClickCall& call, const RoutingDecision& decision, RoutingReason reason,
                    const FollowedLink* link = nullptr) noexcept {
  call.context.reason = reason;
  Trafficback event;
  ClickMacros::Ids ids;
  if (decision.campaign != nullptr) {
    ids.campaign = decision.campaign->id();
    ids.source = decision.campaign->source();
  }
  event.id = call.click.id;
  event.tracking = link == nullptr ? call.tracking.read() : call.tracking.without_cost();
  event.reason = reason;
  event.campaign = ids.campaign;
  if (link != nullptr) {
    event.click = link->token.click;
    event.stream = link->token.stream;
    event.lander = link->token.lander;
    event.offer = link->offer;
  }
  event.hops = read_hops(call.parameters, call.snapshot.click_keys(), call.now_ms);
  if (event.hops >= location_conf(call.r)->trafficback_hops) return end_loop(call, event);
  const std::string_view url =
      decision.trafficback == nullptr ? std::string_view{} : render(call, *decision.trafficback, ids, event.hops + 1);
  event.visit = call.click.visit;  // with the place, if a macro asked for it
  if (!url.empty()) {
    event.level = decision.trafficback_level;
    const bool json =
        link == nullptr && decision.stream != nullptr && decision.stream->redirect_kind() == fbs::RedirectKind::Json;
    event.status = json ? NGX_HTTP_OK : kRedirect;
    record(call, event, Outcome::trafficback, Counter::clicks_trafficback);
    return json ? answer_page(call, RedirectPage::json, url) : answer_redirect(call.r, kRedirect, url);
  }
  event.status = fallback_status(call.r, NGX_HTTP_NOT_FOUND);
  record(call, event, Outcome::fallback, Counter::clicks_fallback);
  return answer_fallback(call.r, NGX_HTTP_NOT_FOUND);
}

// JSON was for the server that reported the click; who follows a link is a browser.
ngx_int_t send_on(ClickCall& call, const RoutingDecision& decision, const FollowedLink& link) noexcept {
  ClickMacros::Ids ids = ids_of(decision);
  ids.lander = link.token.lander;
  const fbs::UrlTemplate& target = *decision.destination->url();
  const std::string_view url = render(call, target, ids, hops_ahead(call, target));
  if (url.empty()) return send_back(call, decision, RoutingReason::bad_url, &link);
  const fbs::RedirectKind kind = decision.redirect_kind;
  const bool page = kind != fbs::RedirectKind::Http && kind != fbs::RedirectKind::Json;
  LanderClick event;
  event.id = call.click.id;
  event.click = link.token.click;
  event.visit = call.click.visit;
  event.tracking = call.tracking.without_cost();
  event.stream = ids.stream;
  event.lander = ids.lander;
  event.destination = ids.destination;
  event.offer = link.offer;
  event.reason = decision.reason;
  event.status = page ? NGX_HTTP_OK : decision.status;
  call.context.stream = ids.stream;
  call.context.destination = ids.destination;
  call.context.lander = ids.lander;
  record(call, event, Outcome::redirected, Counter::lander_clicks);
  return page ? answer_page(call, page_of(kind), url) : answer_redirect(call.r, decision.status, url);
}

RoutingRequest request_of(const ClickCall& call, const fbs::Campaign* campaign) noexcept {
  RoutingRequest request;
  request.campaign = campaign;
  request.now_ms = call.now_ms;
  request.labels = call.click.visit.labels;
  request.uniques = call.worker.conf().given_tables.uniques;
  return request;
}

ngx_int_t to_trafficback(ClickCall& call, const fbs::Campaign* campaign, RoutingReason reason) noexcept {
  return send_back(call, decide_trafficback(call.snapshot, campaign, reason), reason);
}

ngx_int_t to_url(ClickCall& call, const fbs::Campaign& campaign, std::string_view url) noexcept {
  Click& click = call.click;
  click.source = campaign.source();
  click.reason = call.context.reason = RoutingReason::direct;
  click.status = kRedirect;
  record_click(call, Outcome::redirected, Counter::clicks_direct);
  return answer_redirect(call.r, kRedirect, url);
}

}  // namespace

ngx_int_t route_click(ClickCall& call, const fbs::Campaign* campaign) noexcept {
  const RoutingDecision decision = decide(call, request_of(call, campaign));
  mask_address(call);
  call.context.reason = decision.reason;
  if (decision.destination == nullptr && decision.lander == nullptr) return send_back(call, decision, decision.reason);
  const ngx_int_t rc =
      decision.lander == nullptr ? send_to_destination(call, decision) : send_to_lander(call, decision);
  return rc == NGX_DECLINED ? send_back(call, decision, RoutingReason::bad_url) : rc;
}

ngx_int_t continue_click(ClickCall& call, const fbs::Campaign& campaign, const FollowedLink& link) noexcept {
  // Macros and the log name the click that goes on; the numbers that are drawn follow from the id of this event.
  const std::array<char, kClickIdLength> own_text = call.context.click_id;
  call.random.emplace(call.click.id, call.context.has_click_id ? std::string_view(own_text.data(), own_text.size())
                                                               : std::string_view{});
  const ClickIdKey* key = call.snapshot.click_keys().find(unpack_click_id(link.token.click).key);
  format_click_id(link.token.click, *key, call.context.click_id);
  call.context.has_click_id = true;

  RoutingRequest request = request_of(call, &campaign);
  request.from_lander = &link.stream;
  request.offer = link.offer;
  const RoutingDecision decision = decide(call, request);
  mask_address(call);
  call.context.reason = decision.reason;
  return decision.destination == nullptr ? send_back(call, decision, decision.reason, &link)
                                         : send_on(call, decision, link);
}

ngx_int_t send_direct(ClickCall& call, const fbs::Campaign& campaign, const fbs::UrlTemplate& page) noexcept {
  mask_address(call);
  if (campaign.state() != fbs::State::Active) return to_trafficback(call, &campaign, RoutingReason::campaign_paused);
  const std::string_view url =
      render(call, page, {.campaign = campaign.id(), .source = campaign.source()}, hops_ahead(call, page), call.added);
  return url.empty() ? to_trafficback(call, &campaign, RoutingReason::bad_url) : to_url(call, campaign, url);
}

ngx_int_t send_to_url(ClickCall& call, const fbs::Campaign& campaign, std::string_view url) noexcept {
  mask_address(call);
  return to_url(call, campaign, url);
}

ngx_int_t send_nowhere(ClickCall& call, const fbs::Campaign* campaign, RoutingReason reason) noexcept {
  mask_address(call);
  return to_trafficback(call, campaign, reason);
}

ngx_int_t serve_without_snapshot(ngx_http_request_t* r, Worker* worker, RequestContext& context) noexcept {
  const bool fallback = location_conf(r)->fallback_code != NGX_CONF_UNSET;
  context.outcome = fallback ? Outcome::fallback : Outcome::unavailable;
  context.reason = RoutingReason::no_snapshot;
  if (worker != nullptr && worker->ready()) {
    AddressStorage address;
    Trafficback event;
    AddressStorage masked;
    read_visit(r, address, event.visit);
    event.visit.address = worker->addresses().shown(event.visit.address, now_ms(), masked);
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

}  // namespace tributary
