#include "admin-api/conversions/redrive.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "admin-api/api/event_list.h"
#include "admin-api/api/mutation.h"
#include "admin-api/conversions/hint.h"
#include "admin-api/conversions/redrive_selection.h"
#include "admin-api/snapshot/loaded_snapshot.h"

// The calls are judged here, by the mapping code of the edge and the present configuration. What counts now is queued
// as the event that the edge would write now; the ingestor, which owns the conversions, folds it in once.
namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostShown = 200;  // calls that the answer lists

// The index of those that wait or are done lets a call be queued once, however many ask at the same time.
constexpr const char* kQueue = R"sql(
INSERT INTO events.postback_redrives (team, requested_by, time, journal, position, old_verdict, verdict, conversion_id, event)
VALUES ($1::uuid, nullif($2, '')::uuid, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (journal, position) WHERE state <> 'failed' DO NOTHING)sql";

const EventList kRedrives{.select = R"sql(json_build_object(
  'id', t.id, 'requested_at', config.utc_text(t.requested_at), 'requested_by', t.requested_by, 'state', t.state,
  'postback_id', t.conversion_id, 'received_at', config.utc_text(t.time),
  'finished_at', config.utc_text(t.finished_at), 'last_error', t.last_error))sql",
                          .from = "events.postback_redrives",
                          .condition = "($1::uuid IS NULL OR t.team = $1::uuid)",
                          .filters = {{"state"}}};

struct Outcome {
  int judged = 0;
  int counts = 0;
  int queued = 0;
  json::array calls;
};

json::object describe(const SelectedCall& call, const Judgement& judgement) {
  const Postback& now = judgement.postback();
  const auto hint = postback_hint(now.verdict, now.click_text, now.raw_status, judgement.call());
  return {{"postback_id", call.conversion_id},
          {"old_verdict", postback_verdict_name(call.verdict)},
          {"new_verdict", postback_verdict_name(now.verdict)},
          {"status", conversion_status_name(now.status)},
          {"hint", hint.empty() ? json::value() : json::value(hint)}};
}

bool queue(ScopedTransaction& transaction, const Context& context, const SelectedCall& call,
           const Judgement& judgement) {
  Params params;
  params.untyped(call.team).text(context.principal.user);
  params.timestamptz(static_cast<std::int64_t>(call.header.time_us));
  params.int4(static_cast<std::int32_t>(call.journal)).int8(call.position);
  params.untyped(std::to_string(static_cast<int>(call.verdict)));
  params.untyped(std::to_string(static_cast<int>(judgement.postback().verdict)));
  params.int8(static_cast<std::int64_t>(call.conversion_id)).bytes(judgement.event(call.header));
  return transaction.execute(kQueue, params).affected() == 1;
}

Outcome judge_all(ScopedTransaction& transaction, const Context& context, const RedriveSelection& selection,
                  const std::vector<SelectedCall>& calls, const SnapshotView& snapshot) {
  Outcome outcome;
  for (const auto& call : calls) {
    const Judgement judgement(call, snapshot);
    const bool counts = counts_as_conversion(judgement.postback().verdict);
    ++outcome.judged;
    outcome.counts += counts ? 1 : 0;
    if (counts && !selection.dry_run && queue(transaction, context, call, judgement)) ++outcome.queued;
    if (outcome.calls.size() < kMostShown) outcome.calls.push_back(describe(call, judgement));
  }
  return outcome;
}

http::Response redrive(Context& context) {
  context.allow_arguments({});
  const auto body = context.json_body();
  const auto selection = read_redrive_selection(body);
  const auto loaded = load_snapshot(context.services, std::nullopt);
  return mutate(context, [&](ScopedTransaction& transaction) {
    auto calls = select_calls(transaction, context, selection);
    const bool more = calls.size() > static_cast<std::size_t>(selection.limit);
    if (more) calls.pop_back();
    auto outcome = judge_all(transaction, context, selection, calls, *loaded.view);
    if (!selection.dry_run) write_audit(transaction, context, {"redrive", "postbacks", "", {}, json::serialize(body)});
    json::object answer{{"dry_run", selection.dry_run},
                        {"judged", outcome.judged},
                        {"counts", outcome.counts},
                        {"queued", outcome.queued},
                        {"more", more},
                        {"calls", outcome.calls}};
    answer["next_from"] = more ? json::value(calls.back().received_at) : json::value();
    return Change{http::json_response(selection.dry_run ? 200 : 202, json::serialize(answer)), std::nullopt};
  });
}

}  // namespace

void add_postback_redrive_routes(Routes& routes) {
  routes.push_back({"POST", "/api/v1/postback-redrives", Access::team, redrive});
  routes.push_back({"GET", "/api/v1/postback-redrives", Access::team,
                    [](Context& context) { return list_events(context, kRedrives); }});
}

}  // namespace tributary::admin
