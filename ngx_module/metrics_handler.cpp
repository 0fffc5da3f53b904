#include "ngx_module/answer.h"
#include "ngx_module/edge_report.h"
#include "ngx_module/guard.h"
#include "ngx_module/handlers.h"

// The same for Prometheus.
namespace tributary {

ngx_int_t metrics_handler(ngx_http_request_t* r) noexcept {
  if (!(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD))) return NGX_HTTP_NOT_ALLOWED;
  if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) return rc;
  return guarded<ngx_int_t>(r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR, [&] {
    return answer_text(r, NGX_HTTP_OK, "text/plain; version=0.0.4", metrics_text(edge_report()));
  });
}

}  // namespace tributary
