#include "admin-api/api/context.h"

#include <algorithm>

#include "admin-api/api/problem.h"
#include "admin-api/json/strict_json.h"

namespace tributary::admin {

std::string Context::argument(std::string_view name, std::string fallback) const {
  const auto found = query.find(name);
  if (found != query.end()) return found->second;
  return fallback;
}

void Context::allow_arguments(std::initializer_list<std::string_view> names) const {
  for (const auto& [name, value] : query) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw ApiError(400, "unknown_argument", "the query argument \"" + name + "\" is not known here");
    }
  }
}

boost::json::object Context::json_body() const {
  const auto type = request.header("content-type");
  const auto bare = type.substr(0, type.find(';'));
  if (bare != "application/json" && bare != "application/merge-patch+json") {
    throw ApiError(415, "unsupported_media_type", "send the body as application/json");
  }
  auto document = parse_strict(request.body);
  if (!document.is_object()) throw ApiError(400, "malformed_json", "the body is not a JSON object");
  return std::move(document.get_object());
}

std::string Context::client_address() const {
  const auto forwarded = request.header("x-real-ip");
  return services.trust_forwarded_address && !forwarded.empty() ? std::string(forwarded) : request.peer;
}

}  // namespace tributary::admin
