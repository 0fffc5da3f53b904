#include "core/request/click_call.h"
#include "core/state/click_fingerprint.h"
#include "ngx_module/answer.h"
#include "ngx_module/click_answer.h"
#include "ngx_module/guard.h"
#include "ngx_module/handlers.h"
#include "ngx_module/text/click_call_answer.h"
#include "ngx_module/text/postback_answer.h"

// /click: an affiliate reports a click under an id of its own and gets JSON. The same id again gets the same answer and
// is no second click: the host remembers the recent ones, PostgreSQL's unique key has the last word.
namespace tributary {
namespace {

ngx_int_t refuse(ClickCall& call, ngx_uint_t status, std::string_view message) {
  call.context.outcome = Outcome::refused;
  call.worker.count(Counter::clicks_refused);
  return answer_text(call.r, status, kJson, click_refused_answer(message));
}

ngx_int_t refuse_for_now(ngx_http_request_t* r) noexcept {
  add_header(r, "Retry-After", "1");
  return answer_text(r, NGX_HTTP_SERVICE_UNAVAILABLE, kJson, kTryAgainAnswer);
}

bool same_team(const fbs::Campaign& campaign, const fbs::Partner& partner) noexcept {
  return campaign.team()->high() == partner.team()->high() && campaign.team()->low() == partner.team()->low();
}

// By its campaign, and for postbacks, which name none, without. Many evictions count as one: it is a matter of size.
// Returns what the answer says: the time of the first of all calls at this moment.
std::uint64_t remember(ClickCall& call, const ClickCallNames& names, std::uint64_t fingerprint, std::uint64_t time_ms) {
  SharedState& state = call.worker.state();
  const Claim claim = state.remember_click(fingerprint, time_ms);
  if (!claim.first) return claim.time_ms;
  bool evicted = claim.evicted;
  const std::uint64_t anywhere = click_fingerprint(names.affiliate, kAnyCampaign, names.click_id);
  if (const Claim any = state.remember_click(anywhere, time_ms); any.first) {
    evicted |= any.evicted;
  } else {
    const std::uint64_t several = click_fingerprint(names.affiliate, kSeveralCampaigns, names.click_id);
    evicted |= state.remember_click(several, time_ms).evicted;
  }
  if (evicted) call.worker.count(Counter::recent_clicks_evicted);
  return claim.time_ms;
}

// Written before it is remembered: what was answered is recorded, whenever this process dies.
ngx_int_t record_call(ClickCall& call, const fbs::Campaign& campaign, const ClickCallNames& names,
                      std::uint64_t fingerprint) {
  begin_click(call, &campaign);
  mask_address(call);
  Click& click = call.click;
  click.external_click_id = names.click_id;
  click.affiliate = names.affiliate;
  click.source = campaign.source();
  click.reason = call.context.reason = RoutingReason::direct;
  click.status = NGX_HTTP_OK;
  click.number =
      call.worker.slot().next_number(static_cast<std::uint32_t>(call.worker.conf().edge_number), call.now_ms);
  if (click.number == 0) return refuse_for_now(call.r);
  record_click(call, Outcome::recorded, Counter::clicks_direct);
  if (call.context.outcome == Outcome::unlogged) return refuse_for_now(call.r);
  const std::uint64_t time_ms = remember(call, names, fingerprint, unpack_click_id(click.id).time_ms);
  return answer_text(call.r, NGX_HTTP_OK, kJson,
                     click_tracked_answer(names.affiliate, names.campaign, names.click_id, time_ms));
}

ngx_int_t handle(ClickCall& call) {
  read_visit(call.r, call.address, call.click.visit);
  split_query(call);
  const ClickCallNames names = read_click_call(call.parameters, call.url);
  if (!names.problem.empty()) return refuse(call, NGX_HTTP_BAD_REQUEST, names.problem);
  const fbs::Partner* partner = call.snapshot.find_partner(names.affiliate);
  if (partner == nullptr || partner->state() != fbs::State::Active || !served_here(call, *partner->team())) {
    return refuse(call, NGX_HTTP_NOT_FOUND, "Invalid affiliate");
  }
  const fbs::Campaign* campaign = call.snapshot.find_campaign(names.campaign);
  if (campaign == nullptr || campaign->state() != fbs::State::Active || !same_team(*campaign, *partner)) {
    return refuse(call, NGX_HTTP_NOT_FOUND, "Invalid campaign");
  }
  const std::uint64_t fingerprint = click_fingerprint(names.affiliate, names.campaign, names.click_id);
  if (const std::uint64_t known_ms = call.worker.state().recent_click_ms(fingerprint); known_ms != 0) {
    call.context.outcome = Outcome::repeated;
    call.worker.count(Counter::clicks_repeated);
    return answer_text(call.r, NGX_HTTP_OK, kJson,
                       click_tracked_answer(names.affiliate, names.campaign, names.click_id, known_ms));
  }
  return record_call(call, *campaign, names, fingerprint);
}

}  // namespace

ngx_int_t click_handler(ngx_http_request_t* r) noexcept {
  if (r == r->main && r->method != NGX_HTTP_GET) {
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) return rc;
    add_header(r, "Allow", "GET");
    return answer_text(r, NGX_HTTP_NOT_ALLOWED, kJson, kOnlyGetAnswer);
  }
  Worker* self = worker();
  if (self == nullptr || !self->ready() || self->snapshot() == nullptr) return refuse_for_now(r);
  return with_click(r, [](ClickCall& call) noexcept {
    return guarded<ngx_int_t>(call.r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR, [&] { return handle(call); });
  });
}

}  // namespace tributary
