#include "admin-api/api/application.h"

#include <chrono>

#include "admin-api/api/authenticate.h"
#include "admin-api/api/problem.h"
#include "admin-api/text/random_text.h"
#include "platform/log/log.h"

namespace tributary::admin {
namespace {

constexpr std::size_t kMaxArguments = 50;

void require_access(const Principal& principal, Access access) {
  const bool allowed = access == Access::signed_in || principal.is_admin() ||
                       (access == Access::team && principal.role == "buyer" && !principal.team.empty());
  if (!allowed) throw forbidden("your role may not do this");
}

void read_query(Context& context) {
  std::vector<std::pair<std::string, std::string>> arguments;
  if (!http::parse_query(context.request.query, kMaxArguments, arguments)) {
    throw ApiError(400, "malformed_query", "the query is malformed or has too many arguments");
  }
  for (auto& [name, value] : arguments) {
    if (!context.query.emplace(name, std::move(value)).second) {
      throw ApiError(400, "malformed_query", "the query argument \"" + name + "\" appears twice");
    }
  }
}

void set_common_headers(http::Response& response, const std::string& request_id) {
  response.set("X-Request-Id", request_id);
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.set("Cache-Control", "no-store");
}

}  // namespace

Application::Application(Services& services) : services_(services), routes_(all_routes()) {
  for (const auto& route : routes_) router_.add(route.method, route.pattern);
}

http::Response Application::dispatch(const http::Request& request, const std::string& request_id,
                                     const Principal* principal) {
  auto match = router_.find(request.method, request.path);
  if (match.outcome == http::RouteMatch::Outcome::no_such_path) {
    throw ApiError(404, "not_found", "there is no such path");
  }
  if (match.outcome == http::RouteMatch::Outcome::other_method) {
    ApiError error(405, "method_not_allowed", "this path takes " + match.allow);
    throw error.header("Allow", match.allow);
  }
  const auto& route = routes_[match.route];
  Context context{request, services_, std::move(match.parameters), {}, {}, request_id};
  read_query(context);
  if (route.access != Access::open) {
    context.principal = principal != nullptr ? *principal : authenticate(context);
    require_access(context.principal, route.access);
  }
  return route.handle(context);
}

http::Response Application::answer(const http::Request& request, const std::string& request_id,
                                   const Principal* principal) {
  try {
    return dispatch(request, request_id, principal);
  } catch (...) {
    return problem_response(describe_current_exception());
  }
}

http::Response Application::handle(const http::Request& request) {
  const auto started = std::chrono::steady_clock::now();
  const auto request_id = random_base62(16);
  auto response = answer(request, request_id, nullptr);
  set_common_headers(response, request_id);
  const auto took = std::chrono::steady_clock::now() - started;
  log::info("request", {{"method", request.method},
                        {"path", request.path},
                        {"status", response.status},
                        {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
                        {"request", request_id}});
  return response;
}

http::Response Application::handle_as(const http::Request& request, const Principal& principal) {
  return answer(request, random_base62(16), &principal);
}

}  // namespace tributary::admin
