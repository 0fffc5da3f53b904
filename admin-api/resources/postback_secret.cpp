#include "admin-api/resources/postback_secret.h"

#include "admin-api/api/mutation.h"
#include "admin-api/json/strict_json.h"
#include "admin-api/resources/postback_rules.h"
#include "admin-api/resources/repository.h"
#include "admin-api/text/formats.h"
#include "admin-api/text/hash.h"
#include "admin-api/text/random_text.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

// Whose secrets: networks and partners have theirs in the same way.
struct Kind {
  Resource (*resource)();
  std::string table;
  std::string column;
};

const Kind kNetwork{network_resource, "config.network_secrets", "network_id"};
const Kind kPartner{partner_resource, "config.partner_secrets", "partner_id"};

// Throws 404 unless the owner is one of the caller's team.
std::string require_owner(const Kind& kind, Context& context, ScopedTransaction& transaction) {
  const Resource resource = kind.resource();
  const auto& id = context.path.front();
  if (!is_number(id, 9) || !Repository(resource, transaction, context.principal).find(id, true)) throw not_found();
  return id;
}

http::Response list_secrets(const Kind& kind, Context& context) {
  ScopedTransaction transaction(context.services.pool, context.scope());
  const auto owner = require_owner(kind, context, transaction);
  const auto rows = transaction.execute(
      R"sql(SELECT coalesce(json_agg(json_build_object(
              'id', s.id, 'hint', s.hint,
              'expires_at', config.utc_text(s.expires_at),
              'created_at', config.utc_text(s.created_at)) ORDER BY s.id),
            '[]'::json)::text
            FROM )sql" +
          kind.table + " AS s WHERE s." + kind.column + " = $1::integer",
      Params().untyped(owner));
  return http::json_response(200, R"({"data":)" + std::string(rows.text(0, 0)) + "}");
}

void store_secret(const Kind& kind, Write& write, const std::string& secret) {
  write.transaction.execute("INSERT INTO " + kind.table + " (" + kind.column + ", sha256, hint) VALUES ($1, $2, $3)",
                            Params().untyped(write.id).bytes(sha256(secret)).text(secret.substr(secret.size() - 4)));
}

std::int64_t grace_of(Context& context) {
  const auto body = context.request.body.empty() ? json::object() : context.json_body();
  std::int64_t grace_s = 86'400;
  for (const auto& item : body) {
    const bool right = item.key() == "grace_s" && item.value().is_int64() && item.value().get_int64() >= 0 &&
                       item.value().get_int64() <= 31'536'000;
    if (!right) throw invalid_field(std::string(item.key()), "only grace_s, seconds up to a year, can be set");
    grace_s = item.value().get_int64();
  }
  return grace_s;
}

// A new secret; the old ones stay valid for `grace_s` seconds, so that the other side can be told.
http::Response rotate_secret(const Kind& kind, Context& context) {
  const std::int64_t grace_s = grace_of(context);
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto owner = require_owner(kind, context, transaction);
    transaction.execute("UPDATE " + kind.table + " SET expires_at = now() + make_interval(secs => $2) WHERE " +
                            kind.column +
                            " = $1::integer AND (expires_at IS NULL OR expires_at > now() + make_interval(secs => $2))",
                        Params().untyped(owner).untyped(std::to_string(grace_s)));
    const auto secret = random_base62(kPostbackSecretLength);
    const json::object no_body;
    Write write{context, transaction, owner, no_body, false, {}};
    store_secret(kind, write, secret);
    write_audit(transaction, context, {"rotate_secret", kind.resource().name, owner, std::nullopt, std::nullopt});
    return Change{http::json_response(201, R"({"secret":)" + quote_json(secret) + "}"), R"({"secret":null})"};
  });
}

http::Response delete_secret(const Kind& kind, Context& context) {
  if (!is_number(context.path.back(), 9)) throw not_found();
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto owner = require_owner(kind, context, transaction);
    const auto gone = transaction.execute(
        "DELETE FROM " + kind.table + " WHERE " + kind.column + " = $1::integer AND id = $2::integer",
        Params().untyped(owner).untyped(context.path.back()));
    if (gone.affected() == 0) throw not_found();
    require_lasting_secret(transaction, kind.resource(), {"token", kind.table, kind.column}, owner);
    write_audit(transaction, context, {"delete_secret", kind.resource().name, owner, std::nullopt, std::nullopt});
    return Change{http::Response{204, {}, {}}, std::nullopt};
  });
}

void add_routes(Routes& routes, const Kind& kind) {
  const std::string path = "/api/v1/" + kind.resource().path + "/{id}/secrets";
  routes.push_back({"GET", path, Access::team, [&kind](Context& context) { return list_secrets(kind, context); }});
  routes.push_back({"POST", path, Access::team, [&kind](Context& context) { return rotate_secret(kind, context); }});
  routes.push_back({"DELETE", path + "/{secret_id}", Access::team,
                    [&kind](Context& context) { return delete_secret(kind, context); }});
}

}  // namespace

void store_network_secret(Write& write, const std::string& secret) {
  store_secret(kNetwork, write, secret);
}

void store_partner_secret(Write& write, const std::string& secret) {
  store_secret(kPartner, write, secret);
}

void add_postback_secret_routes(Routes& routes) {
  add_routes(routes, kNetwork);
  add_routes(routes, kPartner);
}

}  // namespace tributary::admin
