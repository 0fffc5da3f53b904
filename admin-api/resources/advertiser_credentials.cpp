#include <boost/json/object.hpp>

#include "admin-api/api/mutation.h"
#include "admin-api/auth/secret_token.h"
#include "admin-api/json/strict_json.h"
#include "admin-api/resources/repository.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/text/formats.h"
#include "admin-api/text/hash.h"
#include "admin-api/text/random_text.h"

// What an advertiser's server proves itself with at the event API: API keys, and secrets of signatures. Both may be
// several at once, so that they can be changed without a gap.
namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kHmacSecretLength = 32;  // 190 bits
constexpr std::int64_t kLongestGraceS = 31'536'000;

// The two kinds of credentials are handled alike.
struct Kind {
  const char* entity;
  const char* list;    // JSON array of those of advertiser $1, without secrets
  const char* expire;  // those of advertiser $1 end in $2 seconds at the latest
  const char* end;     // $2 of advertiser $1 is refused from now on
};

constexpr Kind kKeys{
    .entity = "advertiser_key",
    .list = R"sql(
SELECT coalesce(json_agg(json_build_object(
         'id', k.id, 'name', k.name, 'prefix', k.prefix,
         'expires_at', config.utc_text(k.expires_at), 'revoked_at', config.utc_text(k.revoked_at),
         'created_at', config.utc_text(k.created_at)) ORDER BY k.id), '[]'::json)::text
FROM config.api_keys AS k WHERE k.advertiser_id = $1::integer)sql",
    .expire = R"sql(
UPDATE config.api_keys SET expires_at = now() + make_interval(secs => $2)
WHERE advertiser_id = $1::integer AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > now() + make_interval(secs => $2)))sql",
    .end = R"sql(
UPDATE config.api_keys SET revoked_at = now()
WHERE advertiser_id = $1::integer AND id = $2::integer AND revoked_at IS NULL)sql",
};

constexpr Kind kHmacSecrets{
    .entity = "advertiser_hmac_secret",
    .list = R"sql(
SELECT coalesce(json_agg(json_build_object(
         'id', s.id, 'expires_at', config.utc_text(s.expires_at),
         'created_at', config.utc_text(s.created_at)) ORDER BY s.id), '[]'::json)::text
FROM config.advertiser_hmac_secrets AS s WHERE s.advertiser_id = $1::integer)sql",
    .expire = R"sql(
UPDATE config.advertiser_hmac_secrets SET expires_at = now() + make_interval(secs => $2)
WHERE advertiser_id = $1::integer AND (expires_at IS NULL OR expires_at > now() + make_interval(secs => $2)))sql",
    .end = "DELETE FROM config.advertiser_hmac_secrets WHERE advertiser_id = $1::integer AND id = $2::integer",
};

// Throws 404 unless the advertiser is one of the caller's team.
std::string require_advertiser(Context& context, ScopedTransaction& transaction, bool lock = false) {
  static const Resource advertiser = advertiser_resource();
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  if (!Repository(advertiser, transaction, context.principal).find(id, lock)) throw not_found();
  return id;
}

json::object read_body(const Context& context, const std::vector<Field>& fields) {
  if (context.request.body.empty()) return {};
  auto body = context.json_body();
  require_members(fields, body);
  return body;
}

Field grace_field() {
  return {.name = "grace_s", .kind = FieldKind::integer, .max = kLongestGraceS};
}

http::Response list(Context& context, const Kind& kind) {
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(kind.list, Params().untyped(require_advertiser(context, transaction)));
  return http::json_response(200, R"({"data":)" + std::string(rows.text(0, 0)) + "}");
}

http::Response end(Context& context, const Kind& kind) {
  if (!is_number(context.path.back(), 9)) throw not_found();
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto advertiser = require_advertiser(context, transaction, true);
    const auto gone = transaction.execute(kind.end, Params().untyped(advertiser).untyped(context.path.back()));
    if (gone.affected() == 0) throw not_found();
    write_audit(transaction, context, {"revoke", kind.entity, context.path.back(), std::nullopt, std::nullopt});
    return Change{http::Response{204, {}, {}}, std::nullopt};
  });
}

void expire_others(ScopedTransaction& transaction, const Kind& kind, const std::string& advertiser,
                   const json::value& grace_s) {
  transaction.execute(kind.expire, Params().untyped(advertiser).untyped(std::to_string(grace_s.get_int64())));
}

// The secret stands in this answer only: who repeats the request with the same Idempotency-Key gets null.
Change shown_once(ScopedTransaction& transaction, const Context& context, const Kind& kind, const char* member,
                  const std::string& id, const std::string& secret) {
  write_audit(transaction, context, {"create", kind.entity, id, std::nullopt, std::nullopt});
  const auto body = [&](const std::string& value) { return R"({"id":)" + id + ",\"" + member + "\":" + value + "}"; };
  return {http::json_response(201, body(quote_json(secret))), body("null")};
}

// Another key. With grace_s this is a rotation: the others end after so many seconds.
http::Response create_key(Context& context) {
  const auto body = read_body(context, {{.name = "name"}, grace_field()});
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto advertiser = require_advertiser(context, transaction, true);
    if (const auto* grace_s = body.if_contains("grace_s")) expire_others(transaction, kKeys, advertiser, *grace_s);
    const auto key = new_api_key();
    const std::string name(body.contains("name") ? body.at("name").get_string() : json::string());
    const auto row = transaction.execute(
        "INSERT INTO config.api_keys (team_id, advertiser_id, name, prefix, sha256, scopes)"
        " SELECT team_id, id, $2, $3, $4, '{events}' FROM config.advertisers WHERE id = $1::integer RETURNING id::text",
        Params().untyped(advertiser).text(name).text(api_key_prefix(key)).bytes(sha256(key)));
    return shown_once(transaction, context, kKeys, "key", std::string(row.text(0, 0)), key);
  });
}

// A new secret, made here or brought along; the others end after the grace, a day when none is given.
http::Response create_hmac_secret(Context& context) {
  const Field secret_field{.name = "secret", .min = 16, .max = 128};
  const auto body = read_body(context, {secret_field, grace_field()});
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto advertiser = require_advertiser(context, transaction, true);
    const auto* grace_s = body.if_contains("grace_s");
    expire_others(transaction, kHmacSecrets, advertiser, grace_s != nullptr ? *grace_s : json::value(86'400));
    const auto* given = body.if_contains("secret");
    const auto secret = given != nullptr ? std::string(given->get_string()) : random_base62(kHmacSecretLength);
    const auto row = transaction.execute(
        "INSERT INTO config.advertiser_hmac_secrets (advertiser_id, secret) VALUES ($1, $2) RETURNING id::text",
        Params().untyped(advertiser).bytes(secret));
    return shown_once(transaction, context, kHmacSecrets, "secret", std::string(row.text(0, 0)), secret);
  });
}

void add_routes(Routes& routes, const std::string& path, const Kind& kind, http::Response (*create)(Context&)) {
  routes.push_back({"GET", path, Access::team, [&kind](Context& context) { return list(context, kind); }});
  routes.push_back({"POST", path, Access::team, create});
  routes.push_back(
      {"DELETE", path + "/{secret_id}", Access::team, [&kind](Context& context) { return end(context, kind); }});
}

}  // namespace

void add_advertiser_credential_routes(Routes& routes) {
  add_routes(routes, "/api/v1/advertisers/{id}/keys", kKeys, create_key);
  add_routes(routes, "/api/v1/advertisers/{id}/hmac-secrets", kHmacSecrets, create_hmac_secret);
}

}  // namespace tributary::admin
