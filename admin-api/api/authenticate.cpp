#include "admin-api/api/authenticate.h"

#include "admin-api/api/problem.h"
#include "admin-api/auth/secret_token.h"
#include "admin-api/text/hash.h"
#include "core/base/clock.h"

namespace tributary::admin {
namespace {

constexpr std::string_view kBearer = "Bearer ";

constexpr const char* kFindSession = R"sql(
SELECT u.team_id::text, u.role
FROM config.users AS u
WHERE u.id = $1::uuid AND u.state = 'approved'
  AND EXISTS (
    SELECT FROM config.refresh_tokens AS r
    WHERE r.family = $2::uuid AND r.user_id = u.id AND r.revoked_at IS NULL AND r.expires_at > now()))sql";

constexpr const char* kFindKey = R"sql(
SELECT k.id::text, k.sha256, u.id::text, coalesce(u.team_id, k.team_id)::text, u.role
FROM config.api_keys AS k
JOIN config.users AS u ON u.id = k.user_id AND u.state = 'approved'
WHERE k.prefix = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
LIMIT 16)sql";

ApiError unauthenticated(const std::string& detail) {
  ApiError error(401, "unauthenticated", detail);
  error.header("WWW-Authenticate", "Bearer realm=\"tributary\"");
  return error;
}

// The credential of the request, wherever it stands. Two different ones are refused: which counts would be a guess.
std::string_view credential(const http::Request& request) {
  std::string_view found;
  const auto take = [&](std::string_view value) {
    if (value.empty()) return;
    if (!found.empty() && found != value) throw unauthenticated("the request carries two different credentials");
    found = value;
  };
  const auto authorization = request.header("authorization");
  if (!authorization.empty()) {
    if (!authorization.starts_with(kBearer)) throw unauthenticated("use Authorization: Bearer");
    take(authorization.substr(kBearer.size()));
  }
  take(request.header("x-api-key"));
  take(request.header("api-key"));
  return found;
}

Principal by_api_key(const Context& context, std::string_view key) {
  if (!is_api_key(key)) throw unauthenticated("the API key is not valid");
  ScopedTransaction transaction(context.services.pool, kSystemScope, TransactionKind::read_only);
  const auto rows = transaction.execute(kFindKey, Params().text(api_key_prefix(key)));
  const auto hash = sha256(key);
  for (int row = 0; row < rows.rows(); ++row) {
    if (!equal_constant_time(rows.bytes(row, 1), hash)) continue;
    return {std::string(rows.text(row, 2)),
            std::string(rows.text(row, 3)),
            std::string(rows.text(row, 4)),
            {},
            std::string(rows.text(row, 0))};
  }
  throw unauthenticated("the API key is not valid");
}

Principal by_access_token(const Context& context, std::string_view token) {
  const auto claims = context.services.signer.verify(token, wall_clock_s());
  if (!claims) throw unauthenticated("the access token is not valid or has expired");
  ScopedTransaction transaction(context.services.pool, kSystemScope, TransactionKind::read_only);
  const auto rows = transaction.execute(kFindSession, Params().untyped(claims->user).untyped(claims->session));
  if (rows.rows() == 0) throw unauthenticated("the session has ended");
  return {claims->user, std::string(rows.text(0, 0)), std::string(rows.text(0, 1)), claims->session, {}};
}

}  // namespace

Principal authenticate(const Context& context) {
  const auto found = credential(context.request);
  if (found.empty()) throw unauthenticated("sign in first");
  return found.starts_with("trk_") ? by_api_key(context, found) : by_access_token(context, found);
}

}  // namespace tributary::admin
