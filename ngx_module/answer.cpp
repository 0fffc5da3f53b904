#include "ngx_module/answer.h"

#include "ngx_module/str.h"

namespace tributary {
namespace {

ngx_table_elt_t* push_header(ngx_http_request_t* r, std::string_view name, std::string_view value) noexcept {
  auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
  if (header == nullptr) return nullptr;
  *header = ngx_table_elt_t{};
  header->hash = 1;
  header->key = ngx_view(name);
  header->value = ngx_view(value);
  return header;
}

// A length that nginx need not format: it takes the header as it stands, as it does with that of an upstream.
bool add_empty_length(ngx_http_request_t* r) noexcept {
  r->headers_out.content_length = push_header(r, "Content-Length", "0");
  r->headers_out.content_length_n = 0;
  return r->headers_out.content_length != nullptr;
}

}  // namespace

bool add_header(ngx_http_request_t* r, std::string_view name, std::string_view value) noexcept {
  return push_header(r, name, value) != nullptr;
}

ngx_int_t answer_redirect(ngx_http_request_t* r, ngx_uint_t status, std::string_view location) noexcept {
  r->headers_out.location = push_header(r, "Location", location);
  if (r->headers_out.location == nullptr || !add_header(r, "Cache-Control", "no-store") || !add_empty_length(r)) {
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  r->headers_out.status = status;
  // No body follows, so the headers are the last buffer and nothing waits for more.
  r->header_only = 1;
  return ngx_http_send_header(r);
}

ngx_int_t answer_body(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, ngx_str_t body,
                      std::string_view cache_control) noexcept {
  auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
  if (buffer == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  r->headers_out.status = status;
  r->headers_out.content_type = ngx_view(type);
  r->headers_out.content_type_len = type.size();
  r->headers_out.content_type_lowcase = nullptr;
  r->headers_out.content_length_n = static_cast<off_t>(body.len);
  if (!add_header(r, "Cache-Control", cache_control)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  const ngx_int_t rc = ngx_http_send_header(r);
  if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) return rc;
  buffer->pos = body.data;
  buffer->last = body.data + body.len;
  buffer->memory = 1;
  buffer->last_buf = 1;
  ngx_chain_t out{buffer, nullptr};
  return ngx_http_output_filter(r, &out);
}

ngx_int_t answer_text(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, std::string_view body) noexcept {
  const ngx_str_t text = copy_to(r->pool, body);
  if (text.data == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  return answer_body(r, status, type, text);
}

}  // namespace tributary
