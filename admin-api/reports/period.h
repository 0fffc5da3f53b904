#pragma once

#include <string>

#include "admin-api/api/context.h"

// What every report is asked for: days, their zone, and whose.
namespace tributary::admin {

struct Period {
  std::string from, to, zone;  // first and last day, both in it; IANA name
};

// The arguments from, to and tz; default the last seven days in the zone of the team. Throws ApiError 400.
Period read_period(Context& context, ScopedTransaction& transaction);

}  // namespace tributary::admin
