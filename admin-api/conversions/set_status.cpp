#include "admin-api/conversions/set_status.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "admin-api/api/asked_team.h"
#include "admin-api/api/mutation.h"
#include "admin-api/api/problem.h"
#include "admin-api/conversions/log_page.h"
#include "core/event/event.h"

// The status of a conversion, set by hand: queued here, folded in by the ingestor, which owns the conversions.
namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxNote = 500;

constexpr const char* kQueue = R"sql(
INSERT INTO events.conversion_decisions
  (requested_by, team, key_owner, key_kind, key_event, key_subject, status, note)
SELECT nullif($3, '')::uuid, t.team, t.key_owner, t.key_kind, t.key_event, t.key_subject, $4::smallint, nullif($5, '')
FROM events.conversions AS t
WHERE t.id = $1::bigint AND ($2::uuid IS NULL OR t.team = $2::uuid)
ORDER BY t.first_received_at DESC
LIMIT 1)sql";

int status_of(const json::object& body) {
  const auto* value = body.if_contains("status");
  if (value != nullptr && value->is_string()) {
    for (int status = 1; status <= static_cast<int>(ConversionStatus::custom); ++status) {
      if (conversion_status_name(static_cast<ConversionStatus>(status)) == std::string_view(value->get_string())) {
        return status;
      }
    }
  }
  throw invalid_field("status", "must be one of lead sale rejected trash rebill custom");
}

std::string note_of(const json::object& body) {
  const auto* value = body.if_contains("note");
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string() || value->get_string().size() > kMaxNote) {
    throw invalid_field("note", "must be a text of at most 500 bytes");
  }
  return std::string(value->get_string());
}

http::Response set_status(Context& context) {
  const auto id = number_in_path(context);
  const auto body = context.json_body();
  for (const auto& member : body) {
    if (member.key() != "status" && member.key() != "note") {
      throw invalid_field(std::string(member.key()), "is not known");
    }
  }
  const int status = status_of(body);
  const auto note = note_of(body);
  return mutate(context, [&](ScopedTransaction& transaction) {
    Params params;
    params.untyped(id);
    add_optional(params, own_team(context.principal));
    params.text(context.principal.user).untyped(std::to_string(status)).text(note);
    if (transaction.execute(kQueue, params).affected() == 0) throw not_found();
    write_audit(transaction, context, {"set_status", "conversion", id, std::nullopt, json::serialize(body)});
    return Change{http::json_response(202, R"({"id":)" + id + R"(,"state":"queued"})"), std::nullopt};
  });
}

}  // namespace

void add_set_status_routes(Routes& routes) {
  routes.push_back({"POST", "/api/v1/conversions/{id}/status", Access::team, set_status});
}

}  // namespace tributary::admin
