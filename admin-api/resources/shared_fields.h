#pragma once

#include "admin-api/resources/resource.h"

// Fields and rules that several resources have.
namespace tributary::admin {

inline constexpr std::int64_t kMaxId = 2'147'483'647;

Field team_field();  // read here; set by the one place that knows who may name a team
Field name_field();
Field state_field();  // active, paused
Field currency_field();

using FieldCheck = std::function<void(const boost::json::value&, const std::string&, std::vector<FieldProblem>&)>;

// The whole text matches an ECMAScript regular expression; `allowed` says so to people.
FieldCheck matches(const std::string& expression, const std::string& allowed);

}  // namespace tributary::admin
