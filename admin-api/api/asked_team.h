#pragma once

#include <optional>
#include <string>

#include "admin-api/api/context.h"

namespace tributary::admin {

// The team whose records the caller may reach; administrators reach those of every team: none.
std::optional<std::string> own_team(const Principal& principal);

// Whose records are shown: those of the own team; to administrators those of the team that the argument team_id names,
// or all. Throws ApiError 400.
std::optional<std::string> asked_team(const Context& context);

}  // namespace tributary::admin
