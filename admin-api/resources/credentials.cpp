#include <boost/json/object.hpp>
#include <optional>

#include "admin-api/api/mutation.h"
#include "admin-api/auth/secret_token.h"
#include "admin-api/json/strict_json.h"
#include "admin-api/resources/postback_rules.h"
#include "admin-api/resources/postback_secret.h"
#include "admin-api/resources/repository.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/text/formats.h"
#include "admin-api/text/hash.h"
#include "admin-api/text/random_text.h"

// What proves who calls: API keys of advertisers at the event API, and secrets of the signatures of advertisers,
// networks and partners. All may be several at once, so that they can be changed without a gap.
namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kHmacSecretLength = 32;  // 190 bits
constexpr std::int64_t kLongestGraceS = 31'536'000;

// All kinds of credentials are handled alike.
struct Kind {
  Resource (*owner)();
  std::string entity;
  std::string list;                             // JSON array of those of owner $1, without secrets
  std::string expire;                           // those of owner $1 end in $2 seconds at the latest
  std::string end;                              // $2 of owner $1 is refused from now on
  std::optional<PostbackSecrets> lasting = {};  // one of these that does not end stays
};

const Kind kKeys{
    .owner = advertiser_resource,
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

// Secrets that calls are signed with, of advertisers, networks and partners: rows of `table` whose owner is `column`.
struct HmacKind {
  Kind kind;
  std::string insert;
  std::int64_t least;  // characters of one that is brought along
};

HmacKind hmac_kind(Resource (*owner)(), const std::string& name, std::int64_t least) {
  const std::string table = "config." + name + "_hmac_secrets";
  const std::string column = name + "_id";
  return {
      .kind = {.owner = owner,
               .entity = name + "_hmac_secret",
               .list = R"sql(
SELECT coalesce(json_agg(json_build_object(
         'id', s.id, 'expires_at', config.utc_text(s.expires_at),
         'created_at', config.utc_text(s.created_at)) ORDER BY s.id), '[]'::json)::text
FROM )sql" + table + " AS s WHERE s." +
                       column + " = $1::integer",
               .expire = "UPDATE " + table + " SET expires_at = now() + make_interval(secs => $2) WHERE " + column +
                         " = $1::integer AND (expires_at IS NULL OR expires_at > now() + make_interval(secs => $2))",
               .end = "DELETE FROM " + table + " WHERE " + column + " = $1::integer AND id = $2::integer"},
      .insert = "INSERT INTO " + table + " (" + column + ", secret) VALUES ($1, $2) RETURNING id::text",
      .least = least};
}

// Those that postbacks are signed with: of auth hmac there is always one.
HmacKind postback_hmac_kind(Resource (*owner)(), const std::string& name) {
  auto kind = hmac_kind(owner, name, 8);  // networks give them out
  kind.kind.lasting = {"hmac", "config." + name + "_hmac_secrets", name + "_id"};
  return kind;
}

const HmacKind kAdvertiserHmac = hmac_kind(advertiser_resource, "advertiser", 16);
const HmacKind kNetworkHmac = postback_hmac_kind(network_resource, "network");
const HmacKind kPartnerHmac = postback_hmac_kind(partner_resource, "partner");

// Throws 404 unless the owner is one of the caller's team.
std::string require_owner(const Kind& kind, Context& context, ScopedTransaction& transaction, bool lock = false) {
  const Resource owner = kind.owner();
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  if (!Repository(owner, transaction, context.principal).find(id, lock)) throw not_found();
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
  const auto rows = transaction.execute(kind.list, Params().untyped(require_owner(kind, context, transaction)));
  return http::json_response(200, R"({"data":)" + std::string(rows.text(0, 0)) + "}");
}

http::Response end(Context& context, const Kind& kind) {
  if (!is_number(context.path.back(), 9)) throw not_found();
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto owner = require_owner(kind, context, transaction, true);
    const auto gone = transaction.execute(kind.end, Params().untyped(owner).untyped(context.path.back()));
    if (gone.affected() == 0) throw not_found();
    if (kind.lasting) require_lasting_secret(transaction, kind.owner(), *kind.lasting, owner);
    write_audit(transaction, context, {"revoke", kind.entity, context.path.back(), std::nullopt, std::nullopt});
    return Change{http::Response{204, {}, {}}, std::nullopt};
  });
}

void expire_others(ScopedTransaction& transaction, const Kind& kind, const std::string& owner,
                   const json::value& grace_s) {
  transaction.execute(kind.expire, Params().untyped(owner).untyped(std::to_string(grace_s.get_int64())));
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
    const auto advertiser = require_owner(kKeys, context, transaction, true);
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

std::string store_hmac_secret(ScopedTransaction& transaction, const HmacKind& kind, const std::string& owner,
                              const std::string& secret) {
  const auto row = transaction.execute(kind.insert, Params().untyped(owner).bytes(secret));
  return std::string(row.text(0, 0));
}

// A new secret, made here or brought along; the others end after the grace, a day when none is given.
http::Response create_hmac_secret(Context& context, const HmacKind& kind) {
  const Field secret_field{.name = "secret", .min = kind.least, .max = 128};
  const auto body = read_body(context, {secret_field, grace_field()});
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto owner = require_owner(kind.kind, context, transaction, true);
    const auto* grace_s = body.if_contains("grace_s");
    expire_others(transaction, kind.kind, owner, grace_s != nullptr ? *grace_s : json::value(86'400));
    const auto* given = body.if_contains("secret");
    const auto secret = given != nullptr ? std::string(given->get_string()) : random_base62(kHmacSecretLength);
    const auto id = store_hmac_secret(transaction, kind, owner, secret);
    return shown_once(transaction, context, kind.kind, "secret", id, secret);
  });
}

void require_hmac_secret(Write& write, const Kind& kind) {
  const auto* auth = write.body.if_contains("auth");
  if (auth == nullptr || *auth != "hmac") return;
  if (has_lasting_secret(write.transaction, kind.owner(), *kind.lasting, write.id)) return;
  throw invalid_field("hmac_secrets", "are missing: auth hmac needs one that does not end");
}

void add_routes(Routes& routes, const Kind& kind, const std::string& path,
                const std::function<http::Response(Context&)>& create) {
  routes.push_back({"GET", path, Access::team, [&kind](Context& context) { return list(context, kind); }});
  routes.push_back({"POST", path, Access::team, create});
  routes.push_back(
      {"DELETE", path + "/{secret_id}", Access::team, [&kind](Context& context) { return end(context, kind); }});
}

void add_hmac_routes(Routes& routes, const HmacKind& kind) {
  add_routes(routes, kind.kind, "/api/v1/" + kind.kind.owner().path + "/{id}/hmac-secrets",
             [&kind](Context& context) { return create_hmac_secret(context, kind); });
}

}  // namespace

void store_network_hmac_secret(Write& write, const std::string& secret) {
  store_hmac_secret(write.transaction, kNetworkHmac, write.id, secret);
}

void store_partner_hmac_secret(Write& write, const std::string& secret) {
  store_hmac_secret(write.transaction, kPartnerHmac, write.id, secret);
}

void require_network_hmac_secret(Write& write) {
  require_hmac_secret(write, kNetworkHmac.kind);
}

void require_partner_hmac_secret(Write& write) {
  require_hmac_secret(write, kPartnerHmac.kind);
}

void add_credential_routes(Routes& routes) {
  add_routes(routes, kKeys, "/api/v1/advertisers/{id}/keys", create_key);
  add_hmac_routes(routes, kAdvertiserHmac);
  add_hmac_routes(routes, kNetworkHmac);
  add_hmac_routes(routes, kPartnerHmac);
}

}  // namespace tributary::admin
