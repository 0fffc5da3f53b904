#pragma once

#include "admin-api/resources/resource.h"

namespace tributary::admin {

// [200, 399]: the first and the last HTTP status that is right; in PostgreSQL an int4range.
Field status_range_field(std::string name);

}  // namespace tributary::admin
