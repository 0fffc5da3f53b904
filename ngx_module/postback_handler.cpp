#include <schema/snapshot_generated.h>

#include "core/postback/foreign_click.h"
#include "core/postback/postback_mapper.h"
#include "core/request/click_call.h"
#include "core/state/click_fingerprint.h"
#include "ngx_module/answer.h"
#include "ngx_module/click_lookup.h"
#include "ngx_module/guard.h"
#include "ngx_module/handlers.h"
#include "ngx_module/postback_call.h"
#include "ngx_module/postback_caller.h"
#include "ngx_module/request_context.h"
#include "ngx_module/str.h"
#include "ngx_module/text/postback_answer.h"
#include "ngx_module/visit.h"
#include "ngx_module/worker.h"

// A postback: read whole, authenticated, mapped, written, and answered only when the disk has it. Nothing points into
// the snapshot while the request waits: the answer is made before and kept in r->pool.
namespace tributary {
namespace {

constexpr std::string_view kRetryAfterS = "1";
constexpr std::size_t kBodyShare = 2;  // of a record: it also holds the URI and what was mapped from the body

// What a parked postback needs when its time comes.
struct ParkedPostback : Parked {
  RequestContext* context;
  ngx_uint_t status;
  std::string_view type;
  ngx_str_t answer;
  std::uint64_t fingerprint;
  PostbackVerdict verdict;
};

ngx_int_t refuse_for_now(ngx_http_request_t* r, RequestContext& context) noexcept {
  context.outcome = Outcome::unavailable;
  if (Worker* self = worker()) self->count(Counter::postbacks_unavailable);
  add_header(r, "Retry-After", kRetryAfterS);
  return answer_text(r, NGX_HTTP_SERVICE_UNAVAILABLE, kJson, kTryAgainAnswer);
}

// An unknown network or affiliate and a wrong secret must look alike.
ngx_int_t refuse_unauthorised(ngx_http_request_t* r, RequestContext& context, Worker& worker) noexcept {
  context.outcome = Outcome::unauthorised;
  worker.count(Counter::postbacks_unauthorised);
  return answer_text(r, NGX_HTTP_NOT_FOUND, kJson, kNotFoundAnswer);
}

// Of an encrypted body: whatever is wrong with it, nobody is told.
ngx_int_t refuse_unreadable(ngx_http_request_t* r, RequestContext& context, Worker& worker) noexcept {
  context.outcome = Outcome::unauthorised;
  worker.count(Counter::postbacks_unauthorised);
  return answer_text(r, NGX_HTTP_BAD_REQUEST, kJson, kUnreadableAnswer);
}

void count_verdict(Worker& worker, RequestContext& context, PostbackVerdict verdict) noexcept {
  if (verdict == PostbackVerdict::repeated) {
    context.outcome = Outcome::repeated;
    worker.count(Counter::postbacks_repeated);
  } else if (counts_as_conversion(verdict)) {
    context.outcome = Outcome::accepted;
    worker.count(Counter::postbacks_accepted);
  } else {
    context.outcome = Outcome::quarantined;
    worker.count(Counter::postbacks_quarantined);
  }
}

void on_resumed(Parked& base, bool durable) noexcept {
  auto& parked = static_cast<ParkedPostback&>(base);
  ngx_http_request_t* r = parked.request;
  Worker* self = worker();
  if (!durable || self == nullptr) {
    ngx_http_finalize_request(r, refuse_for_now(r, *parked.context));
    return;
  }
  if (counts_as_conversion(parked.verdict)) self->state().remember_transaction(parked.fingerprint, now_ms());
  count_verdict(*self, *parked.context, parked.verdict);
  ngx_http_finalize_request(r, answer_body(r, parked.status, parked.type, parked.answer));
}

std::string_view method_name(ngx_http_request_t* r) noexcept {
  return r->method == NGX_HTTP_GET ? "GET" : "POST";
}

// Who calls, and how such calls are taken; no rules: unknown.
struct Caller {
  const fbs::Network* rules = nullptr;
  std::uint32_t affiliate = 0;  // 0: a network
};

Caller find_caller(const SnapshotView& snapshot, const PostbackCall& call) noexcept {
  if (!call.key.empty()) return {snapshot.find_network(call.key), 0};
  const std::uint32_t affiliate = read_affiliate_id(call.parameters());
  const fbs::Partner* partner = affiliate == 0 ? nullptr : snapshot.find_partner(affiliate);
  if (partner == nullptr || partner->state() == fbs::State::Deleted) return {};
  return {partner->postback(), affiliate};
}

// What the host remembers of the click that an affiliate names by its own id, or else what was found out about it.
PostbackVerdict judge_external_click(const SharedState& state, const Postback& postback, ClickLookup lookup) noexcept {
  const auto remembered = [&](std::uint32_t campaign) {
    return state.recent_click_ms(click_fingerprint(postback.affiliate, campaign, postback.click_text)) != 0;
  };
  if (remembered(kSeveralCampaigns)) return PostbackVerdict::latest_click;
  if (remembered(kAnyCampaign)) return PostbackVerdict::accepted;
  switch (lookup) {
    case ClickLookup::found: return PostbackVerdict::accepted;
    case ClickLookup::several: return PostbackVerdict::latest_click;
    case ClickLookup::absent: return PostbackVerdict::unknown_click;
    default: return PostbackVerdict::click_pending;
  }
}

Postback make_postback(ngx_http_request_t* r, RequestContext& context, Worker& worker, const SnapshotView& snapshot,
                       const Caller& caller, const PostbackCall& call, Arena& arena) noexcept {
  const auto map = caller.affiliate == 0 ? map_postback : map_affiliate_postback;
  Postback postback = map(call.parameters(), *caller.rules, snapshot.click_keys(), now_ms(), arena);
  postback.conversion_id = worker.slot().next_number(static_cast<std::uint32_t>(worker.conf().edge_number), now_ms());
  postback.network = caller.rules->id();
  postback.affiliate = caller.affiliate;
  postback.method = method_name(r);
  postback.uri = call.stored_uri;
  postback.body = call.stored_body;
  if (call.truncated) postback.verdict = PostbackVerdict::too_many_parameters;
  if (call.unparsable) postback.verdict = PostbackVerdict::unparsable_body;
  if (is_foreign_click(snapshot, *caller.rules, postback.click)) postback.verdict = PostbackVerdict::foreign_click;
  if (names_external_click(postback)) {
    postback.verdict = judge_external_click(worker.state(), postback, context.click_lookup);
  }
  return postback;
}

bool prepare_answer(ngx_http_request_t* r, const fbs::Network& rules, const Postback& postback,
                    ParkedPostback& parked) {
  const PostbackAnswer answer = postback_answer(postback, static_cast<PostbackAnswerKind>(rules.answer()), now_ms());
  parked.status = answer.status;
  parked.type = answer.type;
  parked.answer = copy_to(r->pool, answer.body);
  return parked.answer.data != nullptr;
}

// Writes the record and lets the request wait for it: NGX_DONE, or what to answer at once.
ngx_int_t store_and_park(ngx_http_request_t* r, Worker& worker, RequestContext& context, const SnapshotView& snapshot,
                         const fbs::Network& rules, Postback& postback) {
  const std::uint64_t fingerprint = transaction_fingerprint(postback);
  if (counts_as_conversion(postback.verdict) && worker.state().transaction_seen(fingerprint)) {
    postback.verdict = PostbackVerdict::repeated;
  }
  context.verdict = postback.verdict;
  void* memory = ngx_palloc(r->pool, sizeof(ParkedPostback));
  if (memory == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  auto* parked = new (memory) ParkedPostback{};
  parked->context = &context;
  parked->fingerprint = fingerprint;
  parked->verdict = postback.verdict;
  parked->request = r;
  parked->resume = on_resumed;
  if (!prepare_answer(r, rules, postback, *parked)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  parked->position = worker.append(worker.event_header(&snapshot), postback);
  if (parked->position == 0) return refuse_for_now(r, context);
  if (!worker.parking().park(*parked, location_conf(r)->postback_timeout_ms)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  worker.count(Counter::parked_requests);
  return NGX_DONE;
}

void on_click_answer(ngx_http_request_t* r) noexcept;

// An older click is asked for once; then the call is judged from the start, by the configuration of that moment.
bool asks_for_click(ngx_http_request_t* r, const RequestContext& context, const Postback& postback) {
  const ngx_str_t& location = location_conf(r)->click_lookup;
  if (postback.verdict != PostbackVerdict::click_pending || location.data == nullptr) return false;
  return context.click_lookup == ClickLookup::not_asked &&
         ask_for_click(r, location, postback.affiliate, postback.click_text, on_click_answer) == NGX_DONE;
}

ngx_int_t handle(ngx_http_request_t* r, RequestContext& context) {
  Worker* self = worker();
  const SnapshotView* snapshot = self == nullptr || !self->ready() ? nullptr : self->snapshot();
  if (snapshot == nullptr || self->journal() == nullptr) return refuse_for_now(r, context);
  context.generation = pack_generation(snapshot->generation());

  PostbackCall call;
  const ngx_int_t unreadable = read_postback_call(r, self->journal()->max_payload() / kBodyShare, call);
  if (unreadable == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) return answer_text(r, 413, kJson, kTooLargeAnswer);
  if (unreadable != 0) return unreadable;

  const Caller caller = find_caller(*snapshot, call);
  AddressStorage storage;
  const AddressBytes address = client_address(r, storage);
  const PostbackCaller proved = check_caller(r, call, caller.rules, address, now_ms());
  if (proved.authenticity == Authenticity::refused) return refuse_unauthorised(r, context, *self);

  const ngx_int_t closed = open_body(r, *caller.rules, now_ms(), call);
  if (closed == NGX_HTTP_BAD_REQUEST) return refuse_unreadable(r, context, *self);
  if (closed != 0) return closed;

  const std::size_t decoded_bytes = call.encoded_bytes + 1;
  auto* memory = static_cast<char*>(ngx_palloc(r->pool, decoded_bytes));
  if (memory == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  Arena arena({memory, decoded_bytes});
  Postback postback = make_postback(r, context, *self, *snapshot, caller, call, arena);
  postback.address = address;
  if (postback.conversion_id == 0) return refuse_for_now(r, context);
  if (asks_for_click(r, context, postback)) return NGX_DONE;
  postback.verified = proved.authenticity == Authenticity::verified;
  if (proved.signature) postback.signature = text_of(*proved.signature);
  return store_and_park(r, *self, context, *snapshot, *caller.rules, postback);
}

void on_body(ngx_http_request_t* r) noexcept {
  RequestContext* context = find_context(r);
  const ngx_int_t rc =
      guarded<ngx_int_t>(r->connection->log, NGX_HTTP_INTERNAL_SERVER_ERROR, [&] { return handle(r, *context); });
  // A parked request keeps the reference that reading the body took; its resumption gives it back.
  if (rc != NGX_DONE) ngx_http_finalize_request(r, rc);
}

void on_click_answer(ngx_http_request_t* r) noexcept {
  r->write_event_handler = ngx_http_request_empty_handler;
  on_body(r);
}

}  // namespace

ngx_int_t postback_handler(ngx_http_request_t* r) noexcept {
  if (r != r->main) return NGX_HTTP_FORBIDDEN;
  RequestContext* context = make_context(r);
  if (context == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  if (!(r->method & (NGX_HTTP_GET | NGX_HTTP_POST))) {
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) return rc;
    add_header(r, "Allow", "GET, POST");
    return answer_text(r, NGX_HTTP_NOT_ALLOWED, kJson, kMethodAnswer);
  }
  r->request_body_file_log_level = 0;  // the line would name the request with its secret
  const ngx_int_t rc = ngx_http_read_client_request_body(r, on_body);
  return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}

}  // namespace tributary
