#include "admin-api/api/asked_team.h"

#include "admin-api/api/problem.h"
#include "admin-api/text/formats.h"

namespace tributary::admin {

std::optional<std::string> own_team(const Principal& principal) {
  return principal.is_admin() ? std::nullopt : std::optional(principal.team);
}

std::optional<std::string> asked_team(const Context& context) {
  if (!context.principal.is_admin()) return context.principal.team;
  const auto named = context.argument("team_id");
  if (!named.empty() && !is_uuid(named)) throw ApiError(400, "malformed_query", "team_id is a UUID");
  return named.empty() ? std::nullopt : std::optional(named);
}

}  // namespace tributary::admin
