#include <schema/snapshot_generated.h>

#include <algorithm>
#include <vector>

#include "core/base/ascii.h"
#include "core/customer_event/event_body.h"
#include "core/customer_event/event_identity.h"
#include "ngx_module/answer.h"
#include "ngx_module/event_caller.h"
#include "ngx_module/guard.h"
#include "ngx_module/handlers.h"
#include "ngx_module/request_body.h"
#include "ngx_module/request_context.h"
#include "ngx_module/str.h"
#include "ngx_module/text/event_answer.h"
#include "ngx_module/text/postback_answer.h"
#include "ngx_module/visit.h"
#include "ngx_module/worker.h"

// The event API: an advertiser's server says what customers did. Authenticated before it is parsed, every event written
// as a record of its own, and answered when the disk has the last of them. Events are repeated safely: each has an id
// that a repeat has again, PostgreSQL counts it once, and the memory of this host only shapes the answer.
namespace tributary {
namespace {

constexpr std::size_t kMaxBody = 1u << 20;
constexpr std::size_t kMaxIdempotencyKey = 255;
constexpr std::uint64_t kWholeCall = ~std::uint64_t{0};  // the place of no event

// One call on its way through this handler.
struct EventCall {
  ngx_http_request_t* r;
  RequestContext& context;
  Worker& worker;
  const SnapshotView& snapshot;
  EventBodyRules rules;
  std::string_view body;
  std::string_view idempotency_key;
  EventCaller caller{};
  bool list = false;  // answered as a list
  std::vector<ParsedEvent> events{};
  std::vector<EventOutcome> outcomes{};
};

// What a parked call needs when its time comes.
struct ParkedEvents : Parked {
  RequestContext* context;
  ngx_str_t answer;
  ngx_uint_t status;
  std::uint64_t* fingerprints;  // of what is remembered once it is durable
  std::size_t count;
  std::uint32_t accepted, repeated, refused;
};

ngx_int_t answer_error(ngx_http_request_t* r, ngx_uint_t status, std::string_view code, std::string_view message) {
  return answer_text(r, status, kJson, event_error_answer(code, message));
}

ngx_int_t refuse(EventCall& call, ngx_uint_t status, std::string_view code, std::string_view message) {
  call.context.outcome = Outcome::refused;
  call.worker.count(Counter::events_refused);
  return answer_error(call.r, status, code, message);
}

ngx_int_t refuse_for_now(ngx_http_request_t* r, RequestContext& context) noexcept {
  context.outcome = Outcome::unavailable;
  if (Worker* self = worker()) self->count(Counter::events_unavailable);
  add_header(r, "Retry-After", "1");
  return answer_text(r, NGX_HTTP_SERVICE_UNAVAILABLE, kJson, kTryAgainAnswer);
}

// No key, a wrong key and a wrong signature look alike.
ngx_int_t refuse_caller(EventCall& call) {
  call.context.outcome = Outcome::unauthorised;
  call.worker.count(Counter::events_unauthorised);
  if (call.caller.verdict == EventCaller::Verdict::inactive) {
    return answer_error(call.r, NGX_HTTP_FORBIDDEN, "inactive", "This advertiser is not active");
  }
  return answer_error(call.r, NGX_HTTP_UNAUTHORIZED, "unauthorised", "The API key or the signature is not valid");
}

void on_resumed(Parked& base, bool durable) noexcept {
  auto& parked = static_cast<ParkedEvents&>(base);
  ngx_http_request_t* r = parked.request;
  Worker* self = worker();
  if (!durable || self == nullptr) {
    ngx_http_finalize_request(r, refuse_for_now(r, *parked.context));
    return;
  }
  for (std::size_t i = 0; i < parked.count; ++i) self->state().remember_transaction(parked.fingerprints[i], now_ms());
  for (std::uint32_t i = 0; i < parked.accepted; ++i) self->count(Counter::events_accepted);
  for (std::uint32_t i = 0; i < parked.repeated; ++i) self->count(Counter::events_repeated);
  for (std::uint32_t i = 0; i < parked.refused; ++i) self->count(Counter::events_refused);
  parked.context->outcome = parked.accepted > 0 ? Outcome::accepted : Outcome::repeated;
  ngx_http_finalize_request(r, answer_text(r, parked.status, kJson, view(parked.answer)));
}

// The memory is shared with the transactions of postbacks.
std::uint64_t fingerprint(const EventIdentity& id) noexcept {
  return id.high ^ id.low;
}

// What is known of a call with an Idempotency-Key: that there was one, and with which body.
std::uint64_t key_fingerprint(const EventCall& call, std::string_view body) noexcept {
  const EventIdentity of_key =
      event_identity(call.caller.advertiser->id(), EventNaming::idempotency_key, call.idempotency_key, kWholeCall);
  if (body.empty()) return fingerprint(of_key);
  return fingerprint(of_key) ^ fingerprint(event_identity(call.caller.advertiser->id(), EventNaming::number, body));
}

bool reuses_key(EventCall& call) noexcept {
  const SharedState& state = call.worker.state();
  return !call.idempotency_key.empty() && state.transaction_seen(key_fingerprint(call, {})) &&
         !state.transaction_seen(key_fingerprint(call, call.body));
}

// False when no number can be had: a worker without its slot.
bool identify(EventCall& call, std::size_t place) noexcept {
  const std::uint32_t advertiser = call.caller.advertiser->id();
  const ParsedEvent& parsed = call.events[place];
  EventIdentity& id = call.outcomes[place].id;
  if (!parsed.event_id.empty()) {
    id = event_identity(advertiser, EventNaming::event_id, parsed.event_id);
  } else if (!call.idempotency_key.empty()) {
    id = event_identity(advertiser, EventNaming::idempotency_key, call.idempotency_key, place);
  } else if (call.caller.signed_call) {
    id = event_identity(advertiser, EventNaming::signature, text_of(call.caller.digest), place);
  } else {
    const auto edge = static_cast<std::uint32_t>(call.worker.conf().edge_number);
    const std::uint64_t number = call.worker.slot().next_number(edge, now_ms());
    id = event_identity(advertiser, EventNaming::number, {}, number);
    return number != 0;
  }
  return true;
}

void complete(EventCall& call, ParsedEvent& parsed, AddressBytes address) noexcept {
  CustomerEvent& event = parsed.event;
  event.advertiser = call.caller.advertiser->id();
  event.verified = call.caller.signed_call;
  event.address = address;
  if (event.currency.empty()) {
    event.currency = {call.caller.advertiser->currency()->data(), call.caller.advertiser->currency()->size()};
  }
  if (event.click_text.empty()) return;
  if (const auto click = verify_click_id(event.click_text, call.snapshot.click_keys(), now_ms())) event.click = *click;
}

// Writes what is right. The position behind the last record; 0: the journal could not take one of them. Those before it
// stay: the call is repeated as a whole, and they are the same events then.
Position record(EventCall& call) noexcept {
  AddressStorage storage;
  const AddressBytes address = client_address(call.r, storage);
  const EventHeader header = call.worker.event_header(&call.snapshot);
  Position last = 0;
  for (std::size_t i = 0; i < call.events.size(); ++i) {
    ParsedEvent& parsed = call.events[i];
    if (parsed.problem != EventProblem::none) continue;
    if (!identify(call, i)) return 0;
    complete(call, parsed, address);
    EventOutcome& outcome = call.outcomes[i];
    parsed.event.id_high = outcome.id.high;
    parsed.event.id_low = outcome.id.low;
    outcome.repeated = call.worker.state().transaction_seen(fingerprint(outcome.id));
    last = call.worker.append(header, parsed.event);
    if (last == 0) return 0;
  }
  return last;
}

ParkedEvents* make_parked(EventCall& call) {
  void* memory = ngx_palloc(call.r->pool, sizeof(ParkedEvents));
  auto* fingerprints =
      static_cast<std::uint64_t*>(ngx_palloc(call.r->pool, (call.events.size() + 2) * sizeof(std::uint64_t)));
  if (memory == nullptr || fingerprints == nullptr) return nullptr;
  auto* parked = new (memory) ParkedEvents{};
  parked->fingerprints = fingerprints;
  for (std::size_t i = 0; i < call.events.size(); ++i) {
    if (call.events[i].problem != EventProblem::none) {
      ++parked->refused;
      continue;
    }
    ++(call.outcomes[i].repeated ? parked->repeated : parked->accepted);
    parked->fingerprints[parked->count++] = fingerprint(call.outcomes[i].id);
  }
  if (!call.idempotency_key.empty()) {
    parked->fingerprints[parked->count++] = key_fingerprint(call, {});
    parked->fingerprints[parked->count++] = key_fingerprint(call, call.body);
  }
  parked->answer = copy_to(call.r->pool, events_answer(call.events, call.outcomes, call.list));
  parked->status = NGX_HTTP_OK;
  parked->context = &call.context;
  parked->request = call.r;
  parked->resume = on_resumed;
  return parked->answer.data == nullptr ? nullptr : parked;
}

// NGX_DONE, or what to answer at once.
ngx_int_t store_and_park(EventCall& call) {
  const auto is_right = [](const ParsedEvent& parsed) { return parsed.problem == EventProblem::none; };
  if (std::none_of(call.events.begin(), call.events.end(), is_right)) {
    call.context.outcome = Outcome::refused;
    for (std::size_t i = 0; i < call.events.size(); ++i) call.worker.count(Counter::events_refused);
    return answer_text(call.r, 422, kJson, events_answer(call.events, call.outcomes, call.list));
  }
  const Position position = record(call);
  if (position == 0) return refuse_for_now(call.r, call.context);
  ParkedEvents* parked = make_parked(call);
  if (parked == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  parked->position = position;
  if (!call.worker.parking().park(*parked, location_conf(call.r)->postback_timeout_ms)) {
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  call.worker.count(Counter::parked_requests);
  return NGX_DONE;
}

// At most how many events: one, and one more for each comma or line.
std::size_t most_events(std::string_view body) noexcept {
  const auto more = std::count_if(body.begin(), body.end(), [](char c) { return c == ',' || c == '\n'; });
  return std::min(static_cast<std::size_t>(more) + 1, kMaxEventsPerCall);
}

bool parse(EventCall& call, EventBodyError& error) {
  // The text of the events is needed until they are encoded, before the request waits.
  auto* memory = static_cast<char*>(ngx_pnalloc(call.r->pool, call.body.size()));
  if (memory == nullptr) throw std::bad_alloc();
  Arena arena({memory, call.body.size()});
  call.events.resize(most_events(call.body));
  const auto count = parse_event_body(call.body, call.rules, call.events, arena);
  if (!count) {
    error = count.error();
    return false;
  }
  call.events.resize(*count);
  call.outcomes.resize(*count);
  call.list = call.rules.lines || call.body[call.body.find_first_not_of(" \t\r\n")] == '[';
  return true;
}

ngx_int_t handle(EventCall& call) {
  if (!find_header(call.r, "content-encoding").empty()) {
    return refuse(call, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, "content_encoding", "Send the body as it is, not compressed");
  }
  bool too_large = false;
  if (!collect_body(call.r, kMaxBody, call.body, too_large)) {
    if (!too_large) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    return refuse(call, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "too_large", "The body has more than 1 MiB");
  }
  call.caller = find_event_caller(call.r, call.snapshot, call.body, now_ms());
  if (call.caller.verdict != EventCaller::Verdict::known) return refuse_caller(call);
  if (call.idempotency_key.size() > kMaxIdempotencyKey) {
    return refuse(call, NGX_HTTP_BAD_REQUEST, "idempotency_key", "Idempotency-Key has more than 255 characters");
  }
  EventBodyError error{};
  // No part of what is signed: with another key, a recorded call would be other events.
  if (call.caller.signed_call) call.idempotency_key = {};
  if (!parse(call, error)) {
    return refuse(call, NGX_HTTP_BAD_REQUEST, "body", event_body_error_text(error.code));
  }
  if (reuses_key(call)) {
    return refuse(call, 422, "idempotency_key_reused", "This Idempotency-Key came with another body before");
  }
  return store_and_park(call);
}

bool has_lines(ngx_http_request_t* r) noexcept {
  std::string_view type = view(r->headers_in.content_type);
  type = ascii::trim(type.substr(0, type.find(';')));
  return ascii::equal_ignoring_case(type, "application/x-ndjson") ||
         ascii::equal_ignoring_case(type, "application/jsonl");
}

ngx_int_t start(ngx_http_request_t* r, RequestContext& context) {
  Worker* self = worker();
  const SnapshotView* snapshot = self == nullptr || !self->ready() ? nullptr : self->snapshot();
  if (snapshot == nullptr || self->journal() == nullptr) return refuse_for_now(r, context);
  context.generation = pack_generation(snapshot->generation());
  EventCall call{r, context, *self, *snapshot, {}, {}, find_header(r, "idempotency-key")};
  call.rules.lines = has_lines(r);
  call.rules.action = find_customer_action(path_tail(r));
  return handle(call);
}

void on_body(ngx_http_request_t* r) noexcept {
  RequestContext* context = find_context(r);
  const ngx_int_t rc =
      guarded<ngx_int_t>(r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR, [&] { return start(r, *context); });
  // A parked request keeps the reference that reading the body took; its resumption gives it back.
  if (rc != NGX_DONE) ngx_http_finalize_request(r, rc);
}

// The URL itself takes every action but drop_off; behind it stands the name of one, never `custom`.
bool is_served(std::string_view tail) noexcept {
  const CustomerAction action = find_customer_action(tail);
  return tail.empty() || (action != CustomerAction::unknown && action != CustomerAction::custom);
}

}  // namespace

ngx_int_t event_handler(ngx_http_request_t* r) noexcept {
  if (r != r->main) return NGX_HTTP_FORBIDDEN;
  if (!is_served(path_tail(r))) return NGX_HTTP_NOT_FOUND;
  RequestContext* context = make_context(r);
  if (context == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  if (r->method != NGX_HTTP_POST) {
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) return rc;
    add_header(r, "Allow", "POST");
    return answer_text(r, NGX_HTTP_NOT_ALLOWED, kJson, R"({"success":false,"status":"error","message":"Use POST"})");
  }
  const ngx_int_t rc = ngx_http_read_client_request_body(r, on_body);
  return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}

}  // namespace tributary
