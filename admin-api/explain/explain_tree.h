#pragma once

#include <boost/json/object.hpp>
#include <iosfwd>

namespace tributary::admin {

// An answer of POST /api/v1/explain for somebody who reads it at night: top to bottom as it was decided.
void print_explanation(const boost::json::object& answer, std::ostream& out);

}  // namespace tributary::admin
