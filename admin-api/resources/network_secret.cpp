#include "admin-api/resources/network_secret.h"

#include "admin-api/api/mutation.h"
#include "admin-api/json/strict_json.h"
#include "admin-api/resources/repository.h"
#include "admin-api/text/formats.h"
#include "admin-api/text/hash.h"
#include "admin-api/text/random_text.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr const char* kSelectSecrets = R"sql(
SELECT coalesce(json_agg(json_build_object(
         'id', s.id, 'hint', s.hint,
         'expires_at', config.utc_text(s.expires_at),
         'created_at', config.utc_text(s.created_at)) ORDER BY s.id),
       '[]'::json)::text
FROM config.network_secrets AS s
WHERE s.network_id = $1::integer)sql";

// Throws 404 unless the network is one of the caller's team.
std::string require_network(Context& context, ScopedTransaction& transaction) {
  static const Resource network = network_resource();
  const auto& id = context.path.front();
  if (!is_number(id, 9) || !Repository(network, transaction, context.principal).find(id, true)) throw not_found();
  return id;
}

http::Response list_secrets(Context& context) {
  ScopedTransaction transaction(context.services.pool, context.scope());
  const auto network = require_network(context, transaction);
  const auto rows = transaction.execute(kSelectSecrets, Params().untyped(network));
  return http::json_response(200, R"({"data":)" + std::string(rows.text(0, 0)) + "}");
}

// A new secret; the old ones stay valid for `grace_s` seconds, so that the network can be told.
http::Response rotate_secret(Context& context) {
  const auto body = context.request.body.empty() ? json::object() : context.json_body();
  std::int64_t grace_s = 86'400;
  for (const auto& item : body) {
    const bool right = item.key() == "grace_s" && item.value().is_int64() && item.value().get_int64() >= 0 &&
                       item.value().get_int64() <= 31'536'000;
    if (!right) throw invalid_field(std::string(item.key()), "only grace_s, seconds up to a year, can be set");
    grace_s = item.value().get_int64();
  }
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto network = require_network(context, transaction);
    transaction.execute(
        "UPDATE config.network_secrets SET expires_at = now() + make_interval(secs => $2)"
        " WHERE network_id = $1::integer AND (expires_at IS NULL OR expires_at > now() + make_interval(secs => $2))",
        Params().untyped(network).untyped(std::to_string(grace_s)));
    const auto secret = random_base62(kNetworkSecretLength);
    Write write{context, transaction, network, body, false, {}};
    store_network_secret(write, secret);
    write_audit(transaction, context, {"rotate_secret", "network", network, std::nullopt, std::nullopt});
    return Change{http::json_response(201, R"({"secret":)" + quote_json(secret) + "}"), R"({"secret":null})"};
  });
}

// One that does not end stays: a network that tokens open and that has none left could not be published, nor anything
// else. Where nothing asks for a secret, all of them may go, but not leave one that ends.
constexpr const char* kStaysOpen = R"sql(
SELECT CASE WHEN count(s.id) = 0 THEN n.auth <> 'token' ELSE bool_or(s.expires_at IS NULL) END
FROM config.networks AS n LEFT JOIN config.network_secrets AS s ON s.network_id = n.id
WHERE n.id = $1::integer
GROUP BY n.auth)sql";

http::Response delete_secret(Context& context) {
  if (!is_number(context.path.back(), 9)) throw not_found();
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto network = require_network(context, transaction);
    const auto gone =
        transaction.execute("DELETE FROM config.network_secrets WHERE network_id = $1::integer AND id = $2::integer",
                            Params().untyped(network).untyped(context.path.back()));
    if (gone.affected() == 0) throw not_found();
    if (!transaction.execute(kStaysOpen, Params().untyped(network)).boolean(0, 0)) {
      throw conflict("it is the last one that does not end: rotate it first, with grace_s 0 it ends at once");
    }
    write_audit(transaction, context, {"delete_secret", "network", network, std::nullopt, std::nullopt});
    return Change{http::Response{204, {}, {}}, std::nullopt};
  });
}

}  // namespace

void store_network_secret(Write& write, const std::string& secret) {
  write.transaction.execute("INSERT INTO config.network_secrets (network_id, sha256, hint) VALUES ($1, $2, $3)",
                            Params().untyped(write.id).bytes(sha256(secret)).text(secret.substr(secret.size() - 4)));
}

void add_network_secret_routes(Routes& routes) {
  const std::string path = "/api/v1/networks/{id}/secrets";
  routes.push_back({"GET", path, Access::team, list_secrets});
  routes.push_back({"POST", path, Access::team, rotate_secret});
  routes.push_back({"DELETE", path + "/{secret_id}", Access::team, delete_secret});
}

}  // namespace tributary::admin
