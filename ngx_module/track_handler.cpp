#include "core/request/path.h"
#include "ngx_module/answer.h"
#include "ngx_module/click_answer.h"
#include "ngx_module/handlers.h"
#include "ngx_module/text/redirect_page.h"
#include "ngx_module/text/tracking_script.h"

// Clicks without a redirect: the visitor is on the page already, and its script reports the click to /t/{slug}. Any
// page may ask, without credentials: the answer tells a visitor nothing but the id of his own click.
namespace tributary {
namespace {

constexpr std::string_view kGif = "image/gif";
constexpr std::size_t kMaxReferrer = 1024;

std::string_view parameter(const ClickCall& call, std::string_view name) noexcept {
  for (const QueryParameter& item : call.parameters) {
    if (item.name == name) return item.value;
  }
  return {};
}

// The header names the page itself; where the visitor came from is what the page knows.
void read_referrer(ClickCall& call) noexcept {
  const std::string_view sent = parameter(call, "tr_referrer");
  call.click.visit.referrer = decode_component(sent, std::span(call.url).first(kMaxReferrer));
}

ngx_int_t answer(ClickCall& call, ngx_uint_t status, std::string_view type, std::string_view body) noexcept {
  if (!add_header(call.r, "Access-Control-Allow-Origin", "*")) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  return answer_text(call.r, status, type, body);
}

ngx_int_t answer_tracked(ClickCall& call) noexcept {
  if (parameter(call, "tr_answer") == "gif") return answer(call, NGX_HTTP_OK, kGif, kEmptyGif);
  const RequestContext& context = call.context;
  PageValues values{.reason = routing_reason_name(context.reason), .campaign = context.campaign};
  if (context.has_click_id) values.click_id = {context.click_id.data(), context.click_id.size()};
  const std::size_t size = write_page(RedirectPage::json, values, nullptr);
  if (size > sizeof(call.decoded)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  write_page(RedirectPage::json, values, call.decoded);
  return answer(call, NGX_HTTP_OK, kJson, {call.decoded, size});
}

ngx_int_t handle(ClickCall& call) noexcept {
  std::string_view tail = path_tail(call.r);
  const CampaignName name(view(call.r->headers_in.server), take_segment(tail));
  read_visit(call.r, call.address, call.click.visit);
  split_query(call);
  read_referrer(call);
  const fbs::Campaign* campaign = campaign_of(call, name);
  if (campaign == nullptr || campaign->state() != fbs::State::Active) {
    call.context.outcome = Outcome::refused;
    call.worker.count(Counter::clicks_refused);
    return answer(call, NGX_HTTP_NOT_FOUND, kJson,
                  R"({"success":false,"status":"error","message":"Invalid campaign"})");
  }
  begin_click(call, campaign);
  mask_address(call);
  Click& click = call.click;
  click.source = campaign->source();
  click.reason = call.context.reason = RoutingReason::direct;
  click.status = NGX_HTTP_OK;
  record_click(call, Outcome::recorded, Counter::clicks_direct);
  return answer_tracked(call);
}

}  // namespace

ngx_int_t track_handler(ngx_http_request_t* r) noexcept {
  return with_click(
      r, [](ClickCall& call) noexcept { return handle(call); }, NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_POST);
}

ngx_int_t script_handler(ngx_http_request_t* r) noexcept {
  if (!(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD))) return NGX_HTTP_NOT_ALLOWED;
  if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) return rc;
  return answer_body(r, NGX_HTTP_OK, "text/javascript; charset=utf-8", ngx_view(kTrackingScript),
                     "public, max-age=3600");
}

}  // namespace tributary
