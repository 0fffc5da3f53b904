#include "ngx_module/postback_call.h"

#include <schema/snapshot_generated.h>

#include "core/base/ascii.h"
#include "core/postback/envelope.h"
#include "core/request/json_body.h"
#include "core/request/path.h"
#include "ngx_module/request_body.h"
#include "ngx_module/str.h"
#include "ngx_module/text/redact.h"
#include "ngx_module/visit.h"

namespace tributary {
namespace {

void add_parameters(PostbackCall& call, std::string_view encoded) {
  const std::span<QueryParameter> free(call.storage.data() + call.parameter_count,
                                       call.storage.size() - call.parameter_count);
  call.parameter_count += parse_query(encoded, free, call.truncated);
  call.encoded_bytes += encoded.size();
}

// What cannot be read cannot be redacted: only its description is kept.
void add_unreadable(PostbackCall& call, std::string_view body, const JsonBodyError& error) {
  call.truncated |= error.code == JsonBodyError::Code::too_large;
  call.unparsable = error.code != JsonBodyError::Code::too_large;
  const std::string problem =
      std::string(json_body_error_text(error.code)) + " at byte " + std::to_string(error.offset);
  call.stored_body = describe_unreadable(body, problem);
}

// Of an envelope, which may hold more about customers than anybody needs, what was read is stored.
ngx_int_t add_json(ngx_http_request_t* r, PostbackCall& call, std::string_view body,
                   JsonNesting nesting = JsonNesting::refused) {
  auto* memory = static_cast<char*>(ngx_pnalloc(r->pool, body.size()));
  if (memory == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  Arena arena({memory, body.size()});
  const std::span<QueryParameter> free(call.storage.data() + call.parameter_count,
                                       call.storage.size() - call.parameter_count);
  const auto count = parse_flat_json(body, free, arena, nesting);
  if (!count) {
    add_unreadable(call, body, count.error());
    return 0;
  }
  const auto read = free.first(*count);
  call.stored_body = nesting == JsonNesting::skipped ? flat_json(read) : redact_json(body, read);
  call.parameter_count += *count;
  call.encoded_bytes += body.size();
  return 0;
}

bool is_json(ngx_http_request_t* r) {
  std::string_view type = view(r->headers_in.content_type);
  type = ascii::trim(type.substr(0, type.find(';')));
  constexpr std::string_view kSuffix = "+json";
  return ascii::equal_ignoring_case(type, "application/json") ||
         (type.size() > kSuffix.size() &&
          ascii::equal_ignoring_case(type.substr(type.size() - kSuffix.size()), kSuffix));
}

// {key}, {key}/{secret}, or {key}/postback, as users of Keitaro have it in their networks: there the key is the secret.
void read_path(PostbackCall& call, std::string_view tail) {
  call.key = take_segment(tail);
  call.path_secret = take_segment(tail);
  if (call.path_secret != "postback" || !tail.empty()) return;
  call.path_secret = {};
  call.key_secret = call.key;
}

}  // namespace

ngx_int_t open_body(ngx_http_request_t* r, const fbs::Network& network, std::uint64_t now_ms, PostbackCall& call) {
  if (network.envelope() == fbs::Envelope::None || call.body.empty()) return 0;
  const bool encrypted = network.envelope() == fbs::Envelope::ClickbankIns;
  const auto text = open_envelope(network, call.body, now_ms);
  if (!text) return encrypted ? NGX_HTTP_BAD_REQUEST : 0;
  call.parameter_count = call.query_count;
  call.unparsable = false;
  const ngx_int_t failed = add_json(r, call, *text, JsonNesting::skipped);
  return failed == 0 && encrypted && call.unparsable ? NGX_HTTP_BAD_REQUEST : failed;
}

ngx_int_t read_postback_call(ngx_http_request_t* r, std::size_t max_body, PostbackCall& call) {
  read_path(call, path_tail(r));
  call.stored_uri = redact_uri(view(r->unparsed_uri), call.path_secret.empty() ? call.key_secret : call.path_secret);
  add_parameters(call, view(r->args));
  call.query_count = call.parameter_count;

  std::string_view body;
  bool too_large = false;
  if (!collect_body(r, max_body, body, too_large)) {
    return too_large ? NGX_HTTP_REQUEST_ENTITY_TOO_LARGE : NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  call.body = body;
  if (body.empty()) return 0;
  if (is_json(r)) return add_json(r, call, body);
  call.stored_body = redact_form(body);
  add_parameters(call, body);
  return 0;
}

}  // namespace tributary
