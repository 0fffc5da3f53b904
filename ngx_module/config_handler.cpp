#include <fcntl.h>

#include "core/snapshot/push.h"
#include "ngx_module/answer.h"
#include "ngx_module/guard.h"
#include "ngx_module/handlers.h"
#include "ngx_module/local_peer.h"
#include "ngx_module/request_context.h"
#include "ngx_module/str.h"
#include "ngx_module/text/config_answer.h"
#include "ngx_module/visit.h"
#include "ngx_module/worker.h"

// PUT publishes a generation or an overlay: the header is verified before the body is read, nginx spools the body into
// snapshot_path, a helper thread checks and publishes it. GET says which generation every worker serves, and which
// overlay is in force.
namespace tributary {
namespace {

using Outcome = SnapshotStore::Outcome;

struct PushCall : WaitingPush {
  PushKind kind;
  Generation generation;
  std::uint64_t length;
  std::array<std::uint8_t, 32> sha256;
};

// A push may be answered before its body was read. What is left of it must not be taken for the next request of the
// connection.
ngx_int_t answer_json(ngx_http_request_t* r, ngx_uint_t status, std::string_view body) noexcept {
  if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) return rc;
  return answer_text(r, status, kJson, body);
}

ngx_int_t answer_refused(ngx_http_request_t* r, ngx_uint_t status, std::string_view reason,
                         PushKind kind = PushKind::snapshot) noexcept {
  if (Worker* self = worker()) {
    self->count(kind == PushKind::overlay ? Counter::overlays_refused : Counter::snapshots_refused);
  }
  const ngx_str_t text = ngx_view(reason);
  ngx_log_error(NGX_LOG_WARN, r->connection->log, 0, "tributary: push refused: %V", &text);
  return guarded<ngx_int_t>(r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR,
                            [&] { return answer_json(r, status, refused_answer(reason)); });
}

ngx_uint_t status_of(PushError error) noexcept {
  switch (error) {
    case PushError::bad_signature:
    case PushError::expired:
    case PushError::other_edge: return NGX_HTTP_FORBIDDEN;
    case PushError::too_large: return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    default: return NGX_HTTP_BAD_REQUEST;
  }
}

ngx_uint_t status_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::published:
    case Outcome::already_current: return NGX_HTTP_OK;
    case Outcome::older:
    case Outcome::busy: return NGX_HTTP_CONFLICT;
    case Outcome::refused: return NGX_HTTP_BAD_REQUEST;
    case Outcome::io_error: return NGX_HTTP_SERVICE_UNAVAILABLE;
  }
  return NGX_HTTP_INTERNAL_SERVER_ERROR;
}

void count_published(PushKind kind) noexcept {
  Worker* self = worker();
  if (self == nullptr) return;
  self->count(kind == PushKind::overlay ? Counter::overlays_applied : Counter::snapshots_published);
  if (kind == PushKind::snapshot) self->snapshot();
}

void on_published(WaitingPush& push, const SnapshotStore::PublishResult& result) {
  ngx_http_request_t* r = push.request;
  const PushKind kind = static_cast<PushCall&>(push).kind;
  if (result.outcome == Outcome::published) count_published(kind);
  if (result.outcome == Outcome::refused || result.outcome == Outcome::io_error) {
    ngx_http_finalize_request(r, answer_refused(r, status_of(result.outcome), result.message, kind));
    return;
  }
  if (const ngx_str_t note = ngx_view(result.message); note.len != 0) {
    ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0, "tributary: %V", &note);
  }
  const ngx_int_t rc = guarded<ngx_int_t>(r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR, [&] {
    return answer_text(r, status_of(result.outcome), kJson, published_answer(result));
  });
  ngx_http_finalize_request(r, rc);
}

// The spooled body, open for as long as the publication needs it. Not valid when there is none.
Fd take_spooled_file(ngx_http_request_t* r) noexcept {
  const ngx_temp_file_t* spooled = r->request_body == nullptr ? nullptr : r->request_body->temp_file;
  return spooled == nullptr ? Fd() : Fd(fcntl(spooled->file.fd, F_DUPFD_CLOEXEC, 0));
}

ngx_int_t start_publishing(ngx_http_request_t* r, PushCall& call) {
  Worker* self = worker();
  if (self == nullptr || !self->ready())
    return answer_refused(r, NGX_HTTP_SERVICE_UNAVAILABLE, "no shared state: see tributary_status");
  if (self->publisher().busy()) return answer_json(r, NGX_HTTP_CONFLICT, kBusyAnswer);
  PushJob job;
  job.file = take_spooled_file(r);
  if (!job.file.valid()) return answer_refused(r, NGX_HTTP_BAD_REQUEST, "the request has no body", call.kind);
  job.kind = call.kind;
  job.generation = call.generation;
  job.length = call.length;
  job.sha256 = call.sha256;
  self->publisher().publish(std::move(job), &call);
  r->read_event_handler = ngx_http_test_reading;
  r->write_event_handler = ngx_http_request_empty_handler;
  return NGX_DONE;
}

void on_body(ngx_http_request_t* r) noexcept {
  auto* call = static_cast<PushCall*>(find_context(r)->call);
  const ngx_int_t rc = guarded<ngx_int_t>(r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                          [&] { return start_publishing(r, *call); });
  // NGX_DONE: the reference that reading the body took is given back when the publication is answered.
  if (rc != NGX_DONE) ngx_http_finalize_request(r, rc);
}

ngx_int_t receive(ngx_http_request_t* r, const PushEnvelope& envelope) noexcept {
  RequestContext* context = make_context(r);
  void* memory = ngx_palloc(r->pool, sizeof(PushCall));
  if (context == nullptr || memory == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  context->call =
      new (memory) PushCall{{r, on_published}, envelope.kind, envelope.generation, envelope.length, envelope.sha256};
  r->request_body_in_file_only = 1;
  r->request_body_in_persistent_file = 0;  // without a name: it holds secrets, and nothing is left of a killed worker
  r->request_body_file_log_level = 0;
  const ngx_int_t rc = ngx_http_read_client_request_body(r, on_body);
  return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}

ngx_int_t put(ngx_http_request_t* r) noexcept {
  Worker* self = worker();
  if (self == nullptr || !self->ready())
    return answer_refused(r, NGX_HTTP_SERVICE_UNAVAILABLE, "no shared state: see tributary_status");
  const MainConf& conf = self->conf();
  const std::span keys(static_cast<const PushPublicKey*>(conf.push_keys->elts), conf.push_keys->nelts);
  const auto envelope =
      verify_push(find_header(r, "tributary-push"), keys, view(conf.edge_name), static_cast<std::uint64_t>(ngx_time()));
  if (!envelope) return answer_refused(r, status_of(envelope.error()), push_error_text(envelope.error()));
  if (envelope->length > static_cast<std::uint64_t>(location_conf(r)->config_max_bytes)) {
    return answer_refused(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "larger than max_size= of tributary_config",
                          envelope->kind);
  }
  const off_t length = r->headers_in.content_length_n;
  if (length >= 0 && static_cast<std::uint64_t>(length) != envelope->length) {
    return answer_refused(r, NGX_HTTP_BAD_REQUEST, "Content-Length is not the length in the header", envelope->kind);
  }
  const SharedState& state = self->state();
  const Generation current =
      envelope->kind == PushKind::overlay ? state.overlay().version() : unpack_generation(state.published());
  if (envelope->generation < current) {
    return guarded<ngx_int_t>(r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR, [&] {
      return answer_json(r, NGX_HTTP_CONFLICT, published_answer({Outcome::older, current, {}}));
    });
  }
  if (self->publisher().busy()) return answer_json(r, NGX_HTTP_CONFLICT, kBusyAnswer);
  return receive(r, *envelope);
}

ngx_int_t get(ngx_http_request_t* r) {
  Worker* self = worker();
  if (self == nullptr) return NGX_HTTP_SERVICE_UNAVAILABLE;
  const Generation published = self->ready() ? unpack_generation(self->state().published()) : Generation{};
  const SnapshotView* snapshot = self->ready() ? self->snapshot() : nullptr;
  const std::uint64_t created_ms =
      snapshot != nullptr && snapshot->generation() == published ? snapshot->created_ms() : 0;
  const Generation overlay = self->ready() ? self->state().overlay().version() : Generation{};
  const CapReport caps = self->ready() ? cap_report(self->state().caps()) : CapReport{};
  const auto slots = live_slots(std::string(self->run_path()));
  return answer_text(r, NGX_HTTP_OK, kJson,
                     acknowledgement_answer(view(self->conf().edge_name), self->conf().edge_number, published,
                                            created_ms, overlay, caps, slots));
}

}  // namespace

ngx_int_t config_handler(ngx_http_request_t* r) noexcept {
  if (r != r->main) return NGX_HTTP_FORBIDDEN;
  if (!is_trusted_peer(r)) {
    return answer_refused(r, NGX_HTTP_FORBIDDEN,
                          "only from loopback, a unix socket, or with a verified client certificate");
  }
  if (r->method == NGX_HTTP_PUT) return put(r);
  if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) return rc;
  if (!(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD))) return NGX_HTTP_NOT_ALLOWED;
  return guarded<ngx_int_t>(r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR, [&] { return get(r); });
}

}  // namespace tributary
