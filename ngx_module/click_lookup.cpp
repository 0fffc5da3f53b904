#include "ngx_module/click_lookup.h"

#include <string>

#include "core/url/url_bytes.h"
#include "ngx_module/request_context.h"
#include "ngx_module/str.h"
#include "ngx_module/worker.h"

namespace tributary {
namespace {

ClickLookup meaning(ngx_uint_t status) noexcept {
  switch (status) {
    case NGX_HTTP_NO_CONTENT: return ClickLookup::found;
    case 300: return ClickLookup::several;
    case 410: return ClickLookup::absent;
    default: return ClickLookup::unknown;
  }
}

// NGX_OK whatever came: the subrequest ends here, its answer reaches nobody. One that got no header yet is `rc`.
ngx_int_t on_answer(ngx_http_request_t* subrequest, void* context, ngx_int_t rc) noexcept {
  const ngx_uint_t answered = subrequest->headers_out.status;
  const ngx_uint_t status = answered != 0 || rc < 0 ? answered : static_cast<ngx_uint_t>(rc);
  static_cast<RequestContext*>(context)->click_lookup = meaning(status);
  return NGX_OK;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (url_bytes::allowed(c, url_bytes::kUnreserved)) {
      out += c;
    } else {
      out += {'%', url_bytes::kHexDigits[static_cast<unsigned char>(c) >> 4],
              url_bytes::kHexDigits[static_cast<unsigned char>(c) & 15]};
    }
  }
}

// How far each worker of this edge has written, so that the other side can tell whether all of it is stored. What came
// within the half second that a line may be old is remembered on this host.
std::string arguments(Worker& worker, std::uint32_t affiliate, std::string_view click_id) {
  std::string out = "affiliate=" + std::to_string(affiliate) + "&edge=" + std::to_string(worker.conf().edge_number);
  out += "&slots=";
  bool first = true;
  for (const WorkerReport& line : worker.live_workers()) {
    out += (first ? "" : ",") + std::to_string(line.slot) + ":" + std::to_string(line.journal.committed) + ":" +
           std::to_string(line.started_s);
    first = false;
  }
  out += "&click_id=";
  append_escaped(out, click_id);
  return out;
}

}  // namespace

ngx_int_t ask_for_click(ngx_http_request_t* r, ngx_str_t location, std::uint32_t affiliate, std::string_view click_id,
                        ngx_http_event_handler_pt resume) {
  Worker* self = worker();
  RequestContext* context = find_context(r);
  auto* after = static_cast<ngx_http_post_subrequest_t*>(ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t)));
  if (self == nullptr || context == nullptr || after == nullptr) return NGX_ERROR;
  ngx_str_t args = copy_to(r->pool, arguments(*self, affiliate, click_id));
  if (args.data == nullptr) return NGX_ERROR;
  after->handler = on_answer;
  after->data = context;
  context->click_lookup = ClickLookup::unknown;
  ngx_http_request_t* subrequest = nullptr;
  if (ngx_http_subrequest(r, &location, &args, &subrequest, after,
                          NGX_HTTP_SUBREQUEST_IN_MEMORY | NGX_HTTP_SUBREQUEST_WAITED) != NGX_OK) {
    return NGX_ERROR;
  }
  r->write_event_handler = resume;
  return NGX_DONE;
}

}  // namespace tributary
