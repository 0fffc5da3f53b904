#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "admin-api/explain/asked_visitor.h"
#include "admin-api/explain/explain_state.h"
#include "core/routing/explain.h"

// An explanation as the API shows it: schema/openapi.yaml, Explanation.
namespace tributary::admin {

boost::json::object visitor_as_json(AskedVisitor& visitor);
boost::json::array streams_as_json(const Explanation& explanation, ExplainState& state);
std::string_view redirect_kind_name(fbs::RedirectKind kind);
boost::json::array unique_as_json(std::uint32_t flags);

}  // namespace tributary::admin
