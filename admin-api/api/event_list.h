#pragma once

#include <string>
#include <vector>

#include "admin-api/api/context.h"

namespace tributary::admin {

// A query argument that is compared with a column.
struct EventFilter {
  std::string argument;
  std::string column = {};  // empty: of the same name
  bool number = false;      // a bigint, else compared as text
};

// One page of rows, newest first. `select` reads rows of `from` AS t as (id, json text); `condition` may use $1, the
// team or null for every team, and must begin with its use.
struct EventList {
  std::string select;
  std::string from;
  std::string condition;
  std::vector<EventFilter> filters = {};  // at most three
  std::string parent = {};                // the column that has to be the number in the path
};
http::Response list_events(Context& context, const EventList& list);

}  // namespace tributary::admin
