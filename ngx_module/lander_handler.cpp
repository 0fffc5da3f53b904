#include "core/request/lander_path.h"
#include "core/routing/lander_token.h"
#include "core/snapshot/campaign_streams.h"
#include "ngx_module/click_answer.h"
#include "ngx_module/handlers.h"

// A link of a lander was followed: /lp, /lp/{offer}. What the lander was given ({lander_click}) says which click goes
// on, in which stream; it stands behind the number, or is a parameter.
namespace tributary {
namespace {

constexpr std::string_view kParameter = "lander_click";

std::string_view parameter(const ClickCall& call) noexcept {
  for (const QueryParameter& item : call.parameters) {
    if (item.name == kParameter) return item.value;
  }
  return {};
}

RoutingReason reason_of(ClickIdError error) noexcept {
  return error == ClickIdError::expired ? RoutingReason::expired_click : RoutingReason::forged_click;
}

bool too_old(const ClickCall& call, std::uint64_t clicked_ms) noexcept {
  return clicked_ms + location_conf(call.r)->lander_window_ms < call.now_ms;
}

ngx_int_t refuse(ClickCall& call, const fbs::Campaign* campaign, RoutingReason reason) noexcept {
  begin_click(call, campaign);
  call.tracking.leave_cost_to_click();
  return send_nowhere(call, campaign, reason);
}

ngx_int_t handle(ClickCall& call) noexcept {
  read_visit(call.r, call.address, call.click.visit);
  split_query(call);
  const LanderPath path = read_lander_path(path_tail(call.r));
  const std::string_view text = path.token.empty() ? parameter(call) : path.token;
  if (text.empty()) return refuse(call, nullptr, RoutingReason::missing_click);
  const auto token = read_lander_token(text, call.snapshot.click_keys(), call.now_ms);
  if (!token) return refuse(call, nullptr, reason_of(token.error()));

  const ClickIdParts clicked = unpack_click_id(token->click);
  const fbs::Campaign* campaign = call.snapshot.find_campaign(clicked.campaign);
  if (campaign == nullptr || !served_here(call, *campaign->team()))
    return refuse(call, nullptr, RoutingReason::unknown_campaign);
  if (too_old(call, clicked.time_ms)) return refuse(call, campaign, RoutingReason::expired_click);
  const fbs::Stream* stream = find_stream(call.snapshot, *campaign, token->stream);
  if (stream == nullptr) return refuse(call, campaign, RoutingReason::no_stream);
  begin_click(call, campaign);
  return continue_click(call, *campaign, {*stream, *token, path.offer});
}

}  // namespace

ngx_int_t lander_handler(ngx_http_request_t* r) noexcept {
  return with_click(r, [](ClickCall& call) noexcept { return handle(call); });
}

}  // namespace tributary
