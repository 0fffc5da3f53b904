#include "admin-api/api/problem.h"

#include <boost/json/serialize.hpp>

#include "admin-api/auth/password.h"
#include "admin-api/db/pool.h"
#include "admin-api/json/strict_json.h"
#include "platform/log/log.h"
#include "platform/postgres/error.h"

namespace tributary::admin {
namespace {

const char* title(int status) {
  switch (status) {
    case 400: return "Bad request";
    case 401: return "Authentication needed";
    case 403: return "Forbidden";
    case 404: return "Not found";
    case 405: return "Method not allowed";
    case 409: return "Conflict";
    case 412: return "Changed in the meantime";
    case 415: return "Unsupported media type";
    case 422: return "Invalid fields";
    case 428: return "If-Match needed";
    case 429: return "Too many requests";
    case 503: return "Temporarily unavailable";
    default: return "Internal error";
  }
}

ApiError unavailable(const std::string& detail) {
  ApiError error(503, "unavailable", detail);
  error.header("Retry-After", "1");
  return error;
}

// Constraints speak for rules that only the database can check: uniqueness, and what another row refers to.
ApiError describe_postgres(const PostgresError& error) {
  const auto& state = error.sqlstate();
  if (state == "57014") {
    log::warning("a statement was cancelled", {{"error", error.what()}});
    return unavailable("the database took longer than postgres.statement_timeout_ms: ask for less, or later");
  }
  if (error.retryable()) {
    log::warning("PostgreSQL is not available", {{"error", error.what()}});
    return unavailable("the database is not available at the moment");
  }
  if (state == "23505") return conflict("another record has the same value (" + error.constraint() + ")");
  if (state == "23503") return conflict("a referenced record does not exist or is in use (" + error.constraint() + ")");
  if (state == "42501") return not_found();  // row security: another team's
  if (state.starts_with("22") || state.starts_with("23") || state == "P0001") {
    const std::string rule = error.constraint().empty() ? error.what() : error.constraint();
    return ApiError(422, "invalid", "a value is not allowed (" + rule + ")");
  }
  log::error("a statement failed", {{"sqlstate", state}, {"error", error.what()}});
  return ApiError(500, "internal", "the request could not be handled; see the log");
}

}  // namespace

ApiError not_found() {
  return ApiError(404, "not_found", "there is no such record");
}
ApiError forbidden(const std::string& detail) {
  return ApiError(403, "forbidden", detail);
}
ApiError conflict(const std::string& detail) {
  return ApiError(409, "conflict", detail);
}

ApiError invalid_fields(std::vector<FieldProblem> fields) {
  return ApiError(422, "invalid", "some fields are not valid", std::move(fields));
}

ApiError invalid_field(std::string field, std::string reason) {
  return invalid_fields({{std::move(field), std::move(reason)}});
}

http::Response problem_response(const ApiError& error) {
  boost::json::object body{{"type", "urn:tributary:problem:" + error.code()},
                           {"title", title(error.status())},
                           {"status", error.status()},
                           {"code", error.code()},
                           {"detail", error.what()}};
  if (!error.fields().empty()) {
    boost::json::array fields;
    for (const auto& [field, reason] : error.fields()) {
      fields.push_back(boost::json::object{{"field", field}, {"reason", reason}});
    }
    body["errors"] = std::move(fields);
  }
  http::Response response{error.status(), error.headers(), boost::json::serialize(body)};
  response.set("Content-Type", "application/problem+json");
  return response;
}

ApiError describe_current_exception() {
  try {
    throw;
  } catch (const ApiError& error) {
    return error;
  } catch (const JsonError& error) {
    return ApiError(400, "malformed_json",
                    std::string(error.what()) + " (at byte " + std::to_string(error.position) + ")");
  } catch (const PostgresError& error) {
    return describe_postgres(error);
  } catch (const PoolExhausted& error) {
    return unavailable(error.what());
  } catch (const PasswordBusy& error) {
    return unavailable(error.what());
  } catch (const std::exception& error) {
    log::error("a request failed", {{"error", error.what()}});
    return ApiError(500, "internal", "the request could not be handled; see the log");
  }
}

}  // namespace tributary::admin
