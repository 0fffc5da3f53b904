#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "admin-api/api/mutation.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/auth/secret_token.h"
#include "admin-api/text/formats.h"
#include "admin-api/text/hash.h"

// Keys of the signed-in user for the REST API. A key may do what its user may do.
namespace tributary::admin {
namespace {

constexpr const char* kKeyJson = R"sql(
json_build_object(
  'id', k.id, 'name', k.name, 'prefix', k.prefix,
  'expires_at', config.utc_text(k.expires_at),
  'revoked_at', config.utc_text(k.revoked_at),
  'created_at', config.utc_text(k.created_at)))sql";

http::Response list_keys(Context& context) {
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(std::string("SELECT coalesce(json_agg(") + kKeyJson +
                                            " ORDER BY k.id), '[]'::json)::text FROM config.api_keys AS k"
                                            " WHERE k.user_id = $1::uuid",
                                        Params().untyped(context.principal.user));
  return http::json_response(200, R"({"data":)" + std::string(rows.text(0, 0)) + "}");
}

struct KeyRequest {
  std::string name, team;
  std::optional<std::string> expires_at;
};

KeyRequest read_key_request(const Context& context) {
  KeyRequest request{{}, context.principal.team, std::nullopt};
  for (const auto& item : context.json_body()) {
    const std::string name(item.key());
    const auto text = item.value().is_string() ? std::string(item.value().get_string()) : std::string();
    if (name == "name" && item.value().is_string() && text.size() <= 200) {
      request.name = text;
    } else if (name == "expires_at" && is_timestamp(text)) {
      request.expires_at = text;
    } else if (name == "team_id" && context.principal.is_admin() && is_uuid(text)) {
      request.team = text;
    } else {
      throw invalid_field(name, "is not known or not valid");
    }
  }
  if (request.team.empty()) throw invalid_field("team_id", "is required: you belong to no team");
  return request;
}

http::Response create_key(Context& context) {
  if (!context.principal.api_key.empty()) throw forbidden("an API key cannot make another one: sign in");
  const auto request = read_key_request(context);
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto key = new_api_key();
    Params params;
    params.untyped(request.team).untyped(context.principal.user).text(request.name);
    params.text(api_key_prefix(key)).bytes(sha256(key));
    add_optional(params, request.expires_at);
    const auto row = transaction.execute(
        std::string("INSERT INTO config.api_keys AS k (team_id, user_id, name, prefix, sha256, expires_at)"
                    " VALUES ($1, $2, $3, $4, $5, $6) RETURNING k.id::text, ") +
            kKeyJson + "::text",
        params);
    const std::string record(row.text(0, 1));
    write_audit(transaction, context, {"create", "api_key", std::string(row.text(0, 0)), std::nullopt, record});
    auto shown = record;
    shown.insert(shown.size() - 1, R"(, "key" : ")" + key + "\"");
    return Change{http::json_response(201, shown), record};
  });
}

http::Response revoke_key(Context& context) {
  if (!is_number(context.path.front(), 9)) throw not_found();
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto gone = transaction.execute(
        "UPDATE config.api_keys SET revoked_at = now()"
        " WHERE id = $1::integer AND user_id = $2::uuid AND revoked_at IS NULL",
        Params().untyped(context.path.front()).untyped(context.principal.user));
    if (gone.affected() == 0) throw not_found();
    write_audit(transaction, context, {"revoke", "api_key", context.path.front(), std::nullopt, std::nullopt});
    return Change{http::Response{204, {}, {}}, std::nullopt};
  });
}

}  // namespace

void add_api_key_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/api-keys", Access::signed_in, list_keys});
  routes.push_back({"POST", "/api/v1/api-keys", Access::signed_in, create_key});
  routes.push_back({"DELETE", "/api/v1/api-keys/{id}", Access::signed_in, revoke_key});
}

}  // namespace tributary::admin
