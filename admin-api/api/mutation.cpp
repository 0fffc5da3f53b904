#include "admin-api/api/mutation.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "admin-api/api/problem.h"
#include "admin-api/snapshot/pusher.h"
#include "admin-api/text/hash.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

std::string principal_key(const Principal& principal) {
  return principal.api_key.empty() ? "user:" + principal.user : "key:" + principal.api_key;
}

std::optional<std::string> or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::string idempotency_key(const Context& context) {
  const auto key = context.request.header("idempotency-key");
  if (context.request.method != "POST") return {};
  if (key.size() > 255) throw ApiError(400, "malformed_idempotency_key", "Idempotency-Key has more than 255 bytes");
  return std::string(key);
}

http::Response replay(const QueryResult& row, const std::string& body_hash, const Context& context) {
  const bool same = row.bytes(0, 0) == body_hash && row.text(0, 1) == context.request.path;
  if (!same) {
    throw ApiError(422, "idempotency_key_reused", "this Idempotency-Key was used for another request");
  }
  http::Response response{static_cast<int>(row.integer(0, 2)), {}, std::string(row.text(0, 4))};
  const auto headers = json::parse(row.text(0, 3));
  for (const auto& item : headers.as_object()) {
    response.set(std::string(item.key()), std::string(item.value().as_string()));
  }
  response.set("Idempotency-Replayed", "true");
  return response;
}

// The answer to an earlier request with this key, or none after having taken the key. A request with the same key that
// is still at work makes us wait for its end, on its row.
std::optional<http::Response> take_key(ScopedTransaction& transaction, const Context& context, const std::string& key) {
  const auto principal = principal_key(context.principal);
  const auto body_hash = sha256(context.request.body);
  transaction.execute("DELETE FROM config.idempotency_keys WHERE principal = $1 AND key = $2 AND expires_at < now()",
                      Params().text(principal).text(key));
  const auto taken = transaction.execute(
      "INSERT INTO config.idempotency_keys (principal, key, team_id, method, path, body_sha256)"
      " VALUES ($1, $2, nullif($3, '')::uuid, 'POST', $4, $5) ON CONFLICT DO NOTHING",
      Params().text(principal).text(key).text(context.principal.team).text(context.request.path).bytes(body_hash));
  if (taken.affected() == 1) return std::nullopt;
  const auto row = transaction.execute(
      "SELECT body_sha256, path, status, headers, body FROM config.idempotency_keys WHERE principal = $1 AND key = $2",
      Params().text(principal).text(key));
  if (row.rows() == 0 || row.is_null(0, 2)) throw conflict("a request with this Idempotency-Key is at work");
  return replay(row, body_hash, context);
}

void store_answer(ScopedTransaction& transaction, const Context& context, const std::string& key,
                  const Change& change) {
  json::object headers;
  for (const auto& [name, value] : change.response.headers) headers[name] = value;
  transaction.execute(
      "UPDATE config.idempotency_keys SET status = $3, headers = $4, body = $5 WHERE principal = $1 AND key = $2",
      Params()
          .text(principal_key(context.principal))
          .text(key)
          .int4(change.response.status)
          .untyped(json::serialize(headers))
          .text(change.stored_body.value_or(change.response.body)));
}

}  // namespace

void write_audit(ScopedTransaction& transaction, const Context& context, const AuditEntry& entry) {
  Params params;
  add_optional(params, or_null(context.principal.team));
  add_optional(params, or_null(context.principal.user));
  add_optional(params, or_null(context.principal.api_key));
  params.text(entry.action).text(entry.entity).text(entry.key);
  add_optional(params, entry.old_content);
  add_optional(params, entry.new_content);
  const auto address = context.client_address();
  add_optional(params, address == "unix" ? std::nullopt : or_null(address));
  params.text(context.request_id);
  transaction.execute(
      "INSERT INTO config.audit_log (team_id, user_id, api_key_id, action, entity, entity_key, old_content, "
      "new_content,"
      " address, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      params);
}

http::Response mutate(Context& context, const std::function<Change(ScopedTransaction&)>& change) {
  const auto key = idempotency_key(context);
  Change done;
  {
    ScopedTransaction transaction(context.services.pool, context.scope());
    if (!key.empty()) {
      if (auto before = take_key(transaction, context, key)) return std::move(*before);
    }
    done = change(transaction);
    if (!key.empty()) store_answer(transaction, context, key, done);
    transaction.commit();
  }
  context.services.pusher.notify();
  return std::move(done.response);
}

}  // namespace tributary::admin
