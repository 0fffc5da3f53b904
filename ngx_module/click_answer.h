#pragma once

#include "core/routing/lander_token.h"
#include "ngx_module/click_call.h"

// How a click ends: with a destination, a trafficback, or the fallback of the location. Each function writes the event
// before it answers.
namespace tributary {

inline constexpr ngx_uint_t kRedirect = NGX_HTTP_MOVED_TEMPORARILY;

// All of them want a click that has begun (begin_click).

// Routes the click by its campaign (nullptr: there is none of that name) and answers it.
ngx_int_t route_click(ClickCall& call, const fbs::Campaign* campaign) noexcept;

// The link of a lander that was followed.
struct FollowedLink {
  const fbs::Stream& stream;
  const LanderToken& token;
  std::uint32_t offer;  // 0: it names none
};

// Sends the visitor on from a lander: the click that showed it goes on, and this request is an event of its own.
ngx_int_t continue_click(ClickCall& call, const fbs::Campaign& campaign, const FollowedLink& link) noexcept;

// Sends it to a page without asking a stream, as long as the campaign is active.
ngx_int_t send_direct(ClickCall& call, const fbs::Campaign& campaign, const fbs::UrlTemplate& page) noexcept;

// The same with a URL that is whole already, in r->pool.
ngx_int_t send_to_url(ClickCall& call, const fbs::Campaign& campaign, std::string_view url) noexcept;

// To the trafficback of the campaign (nullptr: none), the team or the installation, else to the fallback.
ngx_int_t send_nowhere(ClickCall& call, const fbs::Campaign* campaign, RoutingReason reason) noexcept;

// Nothing was published yet, or this worker has no slot: nothing can be decided, but what came in is still written.
ngx_int_t serve_without_snapshot(ngx_http_request_t* r, Worker* worker, RequestContext& context) noexcept;

// What every handler of clicks begins with. `handle` takes the ClickCall.
template <typename Handle>
ngx_int_t with_click(ngx_http_request_t* r, const Handle& handle,
                     ngx_uint_t methods = NGX_HTTP_GET | NGX_HTTP_HEAD) noexcept {
  if (r != r->main) return NGX_HTTP_FORBIDDEN;
  if (!(r->method & methods)) return NGX_HTTP_NOT_ALLOWED;
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
