#include "admin-api/auth/sessions.h"

#include "admin-api/text/hash.h"
#include "admin-api/text/random_text.h"

namespace tributary::admin {
namespace {

constexpr std::size_t kTokenLength = 43;  // 256 bits

constexpr const char* kInsert = R"sql(
INSERT INTO config.refresh_tokens (user_id, family, token_sha256, expires_at, address, user_agent)
VALUES ($1::uuid, coalesce($2::uuid, gen_random_uuid()), $3, now() + make_interval(secs => $4), $5::inet, left($6, 400))
RETURNING family::text)sql";

// The user must still be approved: a refresh does not outlive a block.
constexpr const char* kFind = R"sql(
SELECT r.user_id::text, r.family::text, r.used_at IS NOT NULL, r.revoked_at IS NULL AND r.expires_at > now()
       AND u.state = 'approved'
FROM config.refresh_tokens AS r
JOIN config.users AS u ON u.id = r.user_id
WHERE r.token_sha256 = $1
FOR UPDATE OF r)sql";

Session insert_token(ScopedTransaction& transaction, const std::string& user, const std::optional<std::string>& family,
                     std::int64_t lifetime_s, const ClientInfo& client) {
  Session session{user, {}, random_base62(kTokenLength)};
  Params params;
  params.untyped(user);
  add_optional(params, family);
  params.bytes(sha256(session.refresh_token)).untyped(std::to_string(lifetime_s));
  add_optional(params,
               client.address == "unix" || client.address.empty() ? std::nullopt : std::optional(client.address));
  params.text(client.user_agent);
  session.family = std::string(transaction.execute(kInsert, params).text(0, 0));
  return session;
}

}  // namespace

Session begin_session(ScopedTransaction& transaction, const std::string& user, std::int64_t lifetime_s,
                      const ClientInfo& client) {
  transaction.execute("DELETE FROM config.refresh_tokens WHERE user_id = $1::uuid AND expires_at < now()",
                      Params().untyped(user));
  return insert_token(transaction, user, std::nullopt, lifetime_s, client);
}

Rotation rotate_session(ScopedTransaction& transaction, const std::string& refresh_token, std::int64_t lifetime_s,
                        const ClientInfo& client) {
  const auto hash = sha256(refresh_token);
  const auto found = transaction.execute(kFind, Params().bytes(hash));
  if (found.rows() == 0) return {};
  const std::string user(found.text(0, 0)), family(found.text(0, 1));
  if (found.boolean(0, 2)) {
    end_family(transaction, family);
    return {RotateOutcome::reused, {user, family, {}}};
  }
  if (!found.boolean(0, 3)) return {};
  transaction.execute("UPDATE config.refresh_tokens SET used_at = now() WHERE token_sha256 = $1", Params().bytes(hash));
  return {RotateOutcome::rotated, insert_token(transaction, user, family, lifetime_s, client)};
}

void end_family(ScopedTransaction& transaction, const std::string& family) {
  transaction.execute(
      "UPDATE config.refresh_tokens SET revoked_at = now() WHERE family = $1::uuid AND revoked_at IS NULL",
      Params().untyped(family));
}

std::optional<std::string> family_of(ScopedTransaction& transaction, const std::string& refresh_token) {
  const auto rows = transaction.execute("SELECT family::text FROM config.refresh_tokens WHERE token_sha256 = $1",
                                        Params().bytes(sha256(refresh_token)));
  return rows.rows() == 0 ? std::nullopt : std::optional(std::string(rows.text(0, 0)));
}

}  // namespace tributary::admin
