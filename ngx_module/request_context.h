#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "core/click_id/click_id.h"
#include "core/event/event.h"
#include "ngx_module/click_lookup.h"
#include "ngx_module/ngx.h"

namespace tributary {

enum class Outcome : std::uint8_t {
  none,
  redirected,
  recorded,
  trafficback,
  fallback,
  unlogged,
  accepted,
  repeated,
  quarantined,
  refused,
  unauthorised,
  unavailable,
};
std::string_view outcome_name(Outcome outcome) noexcept;

// What the variables tell the log about one request. Lives in r->pool and is found again after an internal redirect,
// which forgets the contexts of all modules.
struct RequestContext {
  std::array<char, kClickIdLength> click_id;
  bool has_click_id;
  Outcome outcome;
  RoutingReason reason;
  PostbackVerdict verdict;
  ClickLookup click_lookup;
  std::uint32_t campaign;
  std::uint32_t stream;
  std::uint32_t destination;
  std::uint32_t lander;
  std::uint64_t generation;  // packed; 0: none
  void* call;                // what a handler keeps in r->pool while it waits for the body
};
static_assert(std::is_trivially_destructible_v<RequestContext>);

// nullptr when there is no memory.
RequestContext* make_context(ngx_http_request_t* r) noexcept;
// nullptr when no handler of ours has seen the request.
RequestContext* find_context(ngx_http_request_t* r) noexcept;

}  // namespace tributary
