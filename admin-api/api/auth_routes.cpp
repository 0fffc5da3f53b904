#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cctype>

#include "admin-api/api/mutation.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/auth/sessions.h"
#include "admin-api/json/strict_json.h"
#include "core/base/clock.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::string_view kCookie = "tributary_refresh";

// Text members of a small body; anything else in it is refused.
std::string take_text(const json::object& body, const char* name, std::size_t min, std::size_t max) {
  const auto* value = body.if_contains(name);
  if (value == nullptr) throw invalid_field(name, "is required");
  if (!value->is_string() || value->get_string().size() < min || value->get_string().size() > max) {
    throw invalid_field(name, "must be a text of " + std::to_string(min) + " to " + std::to_string(max) + " bytes");
  }
  return std::string(value->get_string());
}

void allow_only(const json::object& body, std::initializer_list<std::string_view> names) {
  for (const auto& item : body) {
    const std::string_view name(item.key().data(), item.key().size());
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw invalid_field(std::string(name), "is not known");
    }
  }
}

ClientInfo client_info(const Context& context) {
  return {context.client_address(), std::string(context.request.header("user-agent"))};
}

std::string refresh_cookie(const Services& services, const std::string& token, std::int64_t lifetime_s) {
  return std::string(kCookie) + "=" + token +
         "; Path=/api/v1/auth; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(lifetime_s) +
         (services.secure_cookies ? "; Secure" : "");
}

std::string_view find_cookie(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    auto pair = cookies.substr(0, end);
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
  }
  return {};
}

// A cookie is sent by browsers without being asked: a request from another origin must not use it.
std::string token_of_cookie(const Context& context) {
  const auto origin = context.request.header("origin");
  if (!origin.empty() && origin != context.services.public_url)
    throw forbidden("the request comes from another origin");
  return std::string(find_cookie(context.request.header("cookie"), kCookie));
}

std::string refresh_token_of(const Context& context) {
  if (context.request.body.empty()) return token_of_cookie(context);
  const auto body = context.json_body();
  allow_only(body, {"refresh_token"});
  return body.empty() ? token_of_cookie(context) : take_text(body, "refresh_token", 1, 100);
}

http::Response session_response(const Context& context, const Session& session) {
  const auto& services = context.services;
  const auto now = wall_clock_s();
  const auto lifetime = services.access_lifetime.count();
  const json::object body{{"access_token", services.signer.sign({session.user, session.family, now, now + lifetime})},
                          {"token_type", "Bearer"},
                          {"expires_in", lifetime},
                          {"refresh_token", session.refresh_token}};
  auto response = http::json_response(200, json::serialize(body));
  response.set("Set-Cookie", refresh_cookie(services, session.refresh_token, services.refresh_lifetime.count()));
  return response;
}

void require_patience(const Context& context, const std::string& key) {
  const auto wait = context.services.logins.wait_for(key, LoginLimiter::Clock::now());
  if (wait.count() == 0) return;
  ApiError error(429, "too_many_attempts", "too many failed attempts; try again later");
  throw error.header("Retry-After", std::to_string(wait.count()));
}

struct Account {
  std::string id, hash, state;
};

Account find_account(const Context& context, const std::string& email) {
  ScopedTransaction transaction(context.services.pool, kSystemScope, TransactionKind::read_only);
  const auto rows = transaction.execute(
      "SELECT id::text, password_hash, state FROM config.users WHERE lower(email) = lower($1) AND state <> 'deleted'",
      Params().text(email));
  if (rows.rows() == 0) return {};
  return {std::string(rows.text(0, 0)), std::string(rows.text(0, 1)), std::string(rows.text(0, 2))};
}

// Nothing tells an unknown account from a wrong password; no connection is held while the password is hashed.
Account check_password(const Context& context, const std::string& email, const std::string& password) {
  auto& logins = context.services.logins;
  std::string by_account = "account " + email;  // the database folds case too
  std::transform(by_account.begin(), by_account.end(), by_account.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto by_address = "address " + context.client_address();
  require_patience(context, by_account);
  require_patience(context, by_address);
  auto account = find_account(context, email);
  if (!context.services.passwords.matches(account.hash, password)) {
    logins.failed(by_account, LoginLimiter::Clock::now());
    logins.failed(by_address, LoginLimiter::Clock::now());
    throw ApiError(401, "wrong_credentials", "e-mail or password is wrong");
  }
  logins.succeeded(by_account);
  return account;
}

http::Response login(Context& context) {
  const auto body = context.json_body();
  allow_only(body, {"email", "password"});
  const auto account =
      check_password(context, take_text(body, "email", 3, 320), take_text(body, "password", 1, kMaxPasswordLength));
  if (account.state != "approved") {
    throw ApiError(
        403, "not_approved",
        account.state == "pending" ? "an administrator has to approve the account first" : "the account is blocked");
  }
  context.principal.user = account.id;
  ScopedTransaction transaction(context.services.pool, kSystemScope);
  const auto session =
      begin_session(transaction, account.id, context.services.refresh_lifetime.count(), client_info(context));
  transaction.execute("UPDATE config.users SET last_login_at = now() WHERE id = $1::uuid",
                      Params().untyped(account.id));
  write_audit(transaction, context, {"login", "user", account.id, std::nullopt, std::nullopt});
  transaction.commit();
  return session_response(context, session);
}

http::Response refresh(Context& context) {
  const auto token = refresh_token_of(context);
  ScopedTransaction transaction(context.services.pool, kSystemScope);
  const auto rotation =
      rotate_session(transaction, token, context.services.refresh_lifetime.count(), client_info(context));
  if (rotation.outcome == RotateOutcome::reused) {
    context.principal.user = rotation.session.user;
    write_audit(transaction, context,
                {"refresh_token_reused", "user", rotation.session.user, std::nullopt, std::nullopt});
  }
  transaction.commit();
  if (rotation.outcome != RotateOutcome::rotated) {
    throw ApiError(401, "session_ended", "the session has ended: sign in again");
  }
  return session_response(context, rotation.session);
}

http::Response logout(Context& context) {
  ScopedTransaction transaction(context.services.pool, kSystemScope);
  if (const auto family = family_of(transaction, refresh_token_of(context))) end_family(transaction, *family);
  transaction.commit();
  http::Response response{204, {}, {}};
  return std::move(response.set("Set-Cookie", refresh_cookie(context.services, "", 0)));
}

constexpr const char* kSelectMe = R"sql(
SELECT json_build_object('id', u.id, 'email', u.email, 'full_name', u.full_name, 'role', u.role, 'team_id', u.team_id,
                         'time_zone', coalesce(u.time_zone, t.time_zone, 'UTC'), 'currency', t.currency)::text
FROM config.users AS u LEFT JOIN config.teams AS t ON t.id = u.team_id WHERE u.id = $1::uuid)sql";

http::Response me(Context& context) {
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(kSelectMe, Params().untyped(context.principal.user));
  if (rows.rows() == 0) throw not_found();
  return http::json_response(200, std::string(rows.text(0, 0)));
}

// A registered user waits for approval (A18). The answer is the same whether the address is known or not.
http::Response register_user(Context& context) {
  if (!context.services.registration_open) throw forbidden("registration is closed; ask an administrator");
  const auto body = context.json_body();
  allow_only(body, {"email", "password", "full_name"});
  const auto email = take_text(body, "email", 3, 320);
  const auto password = take_text(body, "password", kMinPasswordLength, kMaxPasswordLength);
  const auto name = body.contains("full_name") ? take_text(body, "full_name", 0, 200) : std::string();
  const auto by_address = "register " + context.client_address();
  require_patience(context, by_address);
  context.services.logins.failed(by_address, LoginLimiter::Clock::now());  // each one counts
  const auto hash = context.services.passwords.hash(password);
  ScopedTransaction transaction(context.services.pool, kSystemScope);
  transaction.execute(
      "INSERT INTO config.users (email, password_hash, full_name, state) VALUES ($1, $2, $3, 'pending')"
      " ON CONFLICT DO NOTHING",
      Params().text(email).text(hash).text(name));
  transaction.commit();
  return http::json_response(202, R"({"state":"pending"})");
}

http::Response change_password(Context& context) {
  const auto body = context.json_body();
  allow_only(body, {"old_password", "new_password"});
  const auto next = take_text(body, "new_password", kMinPasswordLength, kMaxPasswordLength);
  const auto old = take_text(body, "old_password", 1, kMaxPasswordLength);
  std::string email;
  {
    ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
    const auto rows = transaction.execute("SELECT email FROM config.users WHERE id = $1::uuid",
                                          Params().untyped(context.principal.user));
    email = rows.rows() == 1 ? std::string(rows.text(0, 0)) : throw not_found();
  }
  check_password(context, email, old);
  const auto hash = context.services.passwords.hash(next);
  ScopedTransaction transaction(context.services.pool, kSystemScope);
  transaction.execute("UPDATE config.users SET password_hash = $2 WHERE id = $1::uuid",
                      Params().untyped(context.principal.user).text(hash));
  transaction.execute(
      "UPDATE config.refresh_tokens SET revoked_at = now() WHERE user_id = $1::uuid AND revoked_at IS NULL",
      Params().untyped(context.principal.user));
  write_audit(transaction, context, {"change_password", "user", context.principal.user, std::nullopt, std::nullopt});
  transaction.commit();
  return {204, {}, {}};
}

}  // namespace

void add_auth_routes(Routes& routes) {
  routes.push_back({"POST", "/api/v1/auth/login", Access::open, login});
  routes.push_back({"POST", "/api/v1/auth/refresh", Access::open, refresh});
  routes.push_back({"POST", "/api/v1/auth/logout", Access::open, logout});
  routes.push_back({"POST", "/api/v1/auth/register", Access::open, register_user});
  routes.push_back({"POST", "/api/v1/auth/password", Access::signed_in, change_password});
  routes.push_back({"GET", "/api/v1/auth/me", Access::signed_in, me});
}

}  // namespace tributary::admin
