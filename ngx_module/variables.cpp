#include "ngx_module/variables.h"

#include "core/base/generation.h"
#include "ngx_module/request_context.h"
#include "ngx_module/str.h"

namespace tributary {
namespace {

// A variable is a text with static or pool lifetime, or empty for "not found".
using Text = std::string_view (*)(ngx_http_request_t* r, const RequestContext& context);

std::string_view number_text(ngx_http_request_t* r, std::uint64_t n) {
  if (n == 0) return {};
  auto* text = static_cast<u_char*>(ngx_pnalloc(r->pool, NGX_INT64_LEN));
  if (text == nullptr) return {};
  const u_char* end = ngx_sprintf(text, "%uL", static_cast<uint64_t>(n));
  return {reinterpret_cast<char*>(text), static_cast<std::size_t>(end - text)};
}

std::string_view click_id(ngx_http_request_t*, const RequestContext& c) {
  return c.has_click_id ? std::string_view(c.click_id.data(), c.click_id.size()) : std::string_view{};
}
std::string_view campaign(ngx_http_request_t* r, const RequestContext& c) {
  return number_text(r, c.campaign);
}
std::string_view stream(ngx_http_request_t* r, const RequestContext& c) {
  return number_text(r, c.stream);
}
std::string_view destination(ngx_http_request_t* r, const RequestContext& c) {
  return number_text(r, c.destination);
}
std::string_view lander(ngx_http_request_t* r, const RequestContext& c) {
  return number_text(r, c.lander);
}
std::string_view outcome(ngx_http_request_t*, const RequestContext& c) {
  return outcome_name(c.outcome);
}
std::string_view reason(ngx_http_request_t*, const RequestContext& c) {
  return c.reason == RoutingReason::unknown ? std::string_view{} : routing_reason_name(c.reason);
}
std::string_view verdict(ngx_http_request_t*, const RequestContext& c) {
  return c.verdict == PostbackVerdict::unknown ? std::string_view{} : postback_verdict_name(c.verdict);
}
std::string_view generation(ngx_http_request_t* r, const RequestContext& c) {
  if (c.generation == 0) return {};
  auto* text = static_cast<u_char*>(ngx_pnalloc(r->pool, 2 * NGX_INT64_LEN));
  if (text == nullptr) return {};
  const Generation g = unpack_generation(c.generation);
  const u_char* end =
      ngx_sprintf(text, "%uD-%uL", static_cast<std::uint32_t>(g.epoch), static_cast<uint64_t>(g.counter));
  return {reinterpret_cast<char*>(text), static_cast<std::size_t>(end - text)};
}

struct Variable {
  std::string_view name;
  Text text;
};
constexpr Variable kVariables[] = {
    {"tributary_click_id", click_id},       {"tributary_campaign", campaign}, {"tributary_stream", stream},
    {"tributary_destination", destination}, {"tributary_outcome", outcome},   {"tributary_reason", reason},
    {"tributary_generation", generation},   {"tributary_verdict", verdict},   {"tributary_lander", lander},
};

ngx_int_t get(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t index) noexcept {
  const RequestContext* context = find_context(r);
  const std::string_view text = context == nullptr ? std::string_view{} : kVariables[index].text(r, *context);
  if (text.empty()) {
    value->not_found = 1;
    return NGX_OK;
  }
  value->data = ngx_view(text).data;
  value->len = static_cast<unsigned>(text.size() & 0xfffffff);
  value->valid = 1;
  value->no_cacheable = 0;
  value->not_found = 0;
  return NGX_OK;
}

}  // namespace

ngx_int_t add_variables(ngx_conf_t* cf) noexcept {
  uintptr_t index = 0;
  for (const Variable& variable : kVariables) {
    ngx_str_t name = ngx_view(variable.name);
    // Asked for before the handler has run, the answer is "not found" and must not be kept.
    ngx_http_variable_t* added = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
    if (added == nullptr) return NGX_ERROR;
    added->get_handler = get;
    added->data = index++;
  }
  return NGX_OK;
}

}  // namespace tributary
