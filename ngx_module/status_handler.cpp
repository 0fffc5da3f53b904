#include "ngx_module/answer.h"
#include "ngx_module/edge_report.h"
#include "ngx_module/guard.h"
#include "ngx_module/handlers.h"

// What a person wants to know of this edge, as JSON. Who may ask is decided by nginx's allow and deny.
namespace tributary {

ngx_int_t status_handler(ngx_http_request_t* r) noexcept {
  if (!(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD))) return NGX_HTTP_NOT_ALLOWED;
  if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) return rc;
  return guarded<ngx_int_t>(r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR,
                            [&] { return answer_text(r, NGX_HTTP_OK, kJson, status_text(edge_report())); });
}

}  // namespace tributary
