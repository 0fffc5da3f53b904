#include "ngx_module/request_context.h"

#include <new>

namespace tributary {
namespace {

// Does nothing: its address marks our cleanup among the others.
void marker(void*) noexcept {}

}  // namespace

std::string_view outcome_name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::none: return {};
    case Outcome::redirected: return "redirected";
    case Outcome::recorded: return "recorded";
    case Outcome::trafficback: return "trafficback";
    case Outcome::fallback: return "fallback";
    case Outcome::unlogged: return "unlogged";
    case Outcome::accepted: return "accepted";
    case Outcome::repeated: return "repeated";
    case Outcome::quarantined: return "quarantined";
    case Outcome::refused: return "refused";
    case Outcome::unauthorised: return "unauthorised";
    case Outcome::unavailable: return "unavailable";
  }
  return {};
}

RequestContext* make_context(ngx_http_request_t* r) noexcept {
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(RequestContext));
  if (cleanup == nullptr) return nullptr;
  cleanup->handler = marker;
  auto* context = new (cleanup->data) RequestContext{};
  ngx_http_set_ctx(r, context, ngx_http_tributary_module);
  return context;
}

RequestContext* find_context(ngx_http_request_t* r) noexcept {
  r = r->main;
  auto* context = static_cast<RequestContext*>(ngx_http_get_module_ctx(r, ngx_http_tributary_module));
  if (context != nullptr) return context;
  for (ngx_pool_cleanup_t* cleanup = r->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
    if (cleanup->handler == marker) return static_cast<RequestContext*>(cleanup->data);
  }
  return nullptr;
}

}  // namespace tributary
