#include <boost/json/serialize.hpp>

#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/explain/counted_state.h"
#include "admin-api/explain/explain_click.h"
#include "admin-api/explain/explain_request.h"
#include "admin-api/explain/recorded_click.h"
#include "admin-api/snapshot/loaded_snapshot.h"
#include "admin-api/text/formats.h"
#include "core/base/clock.h"
#include "core/snapshot/snapshot_file.h"
#include "schema/snapshot_generated.h"

// Where would this click go, or why did that one go where it went? Reads, and writes nothing.
namespace tributary::admin {
namespace {

namespace json = boost::json;

// Two words of a text that is_uuid().
ClickIdentity parse_uuid(std::string digits) {
  std::erase(digits, '-');
  return {std::stoull(digits.substr(0, 16), nullptr, 16), std::stoull(digits.substr(16), nullptr, 16)};
}

// As in URLs and postbacks, or as stored.
ClickIdentity read_click_id(Services& services, const json::value& value) {
  const std::string text(value.is_string() ? std::string_view(value.get_string()) : std::string_view());
  if (is_uuid(text)) return parse_uuid(text);
  const LoadedSnapshot newest = load_snapshot(services, std::nullopt);
  const auto id = verify_click_id(text, newest.view->click_keys(), 0);
  if (!id) throw invalid_field("click", "must be the id of a click: 32 characters as in its URL, or its uuid");
  return *id;
}

AskedClick read_recorded(Context& context, const json::object& body) {
  const auto id = read_click_id(context.services, body.at("click"));
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  auto click = find_recorded_click(transaction, id);
  if (!click) throw not_found();
  read_replay(body, *click);
  return std::move(*click);
}

// A campaign of another team is none.
void require_own(const Context& context, const fbs::Campaign* campaign, bool recorded) {
  if (context.principal.is_admin() || recorded) return;
  const ClickIdentity team = parse_uuid(context.principal.team);  // two words, as every uuid
  if (campaign == nullptr || campaign->team()->high() != team.high || campaign->team()->low() != team.low)
    throw invalid_field("url", "names no campaign of your team");
}

http::Response explain_route(Context& context) {
  context.allow_arguments({});
  const auto body = context.json_body();
  const bool recorded = body.contains("click");
  const AskedClick click = recorded ? read_recorded(context, body) : read_asked_click(body, wall_clock_ms());
  const LoadedSnapshot loaded = load_snapshot(context.services, click.generation);
  const fbs::Campaign* campaign = campaign_of(click, *loaded.view);
  require_own(context, campaign, recorded);

  AskedVisitor visitor(click, *context.services.visitors);
  const ClickIdentity before = recorded ? click.id : pack_click_id({click.now_ms, 0, 0, 0, 0, 0});
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::snapshot);
  CountedState state(transaction, *loaded.view, {campaign, visitor, click.now_ms, before});
  auto answer = explain_click(click, *loaded.view, visitor, state);
  state.rethrow_failure();
  answer["generation"] = generation_text(loaded.generation);
  answer["state"] = json::object{{"caps", "counted"}, {"visits", "counted"}, {"health", "now"}};
  return http::json_response(200, json::serialize(answer));
}

}  // namespace

void add_explain_routes(Routes& routes) {
  routes.push_back({"POST", "/api/v1/explain", Access::team, explain_route});
}

}  // namespace tributary::admin
