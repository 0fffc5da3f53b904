#pragma once

#include <string>

#include "admin-api/api/context.h"

namespace tributary::admin {

// One page of rows, newest first. `select` reads rows of `from` AS t as (id, json text); `condition` may use $1, the
// team or null for every team, and must begin with its use.
struct EventList {
  std::string select;
  std::string from;
  std::string condition;
  std::string filter_column;  // compared with the query argument of the same name; empty: none
};
http::Response list_events(Context& context, const EventList& list);

}  // namespace tributary::admin
