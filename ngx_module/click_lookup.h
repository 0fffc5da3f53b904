#pragma once

#include <string_view>

#include "ngx_module/ngx.h"

namespace tributary {

// What admin-api says of a click that an affiliate names by its own id, and that this host does not remember.
enum class ClickLookup : std::uint8_t {
  not_asked,
  unknown,  // it is away, too slow, or ingestion lags
  found,
  several,  // in more than one campaign
  absent,   // there was none before the question
};

// Asks by a subrequest to `location`, which nginx runs beside everything else. NGX_DONE: `resume` gets the request when
// the answer is in its context (RequestContext::click_lookup); the caller holds a reference till then. Anything else:
// nothing was asked. Throws.
ngx_int_t ask_for_click(ngx_http_request_t* r, ngx_str_t location, std::uint32_t affiliate, std::string_view click_id,
                        ngx_http_event_handler_pt resume);

}  // namespace tributary
