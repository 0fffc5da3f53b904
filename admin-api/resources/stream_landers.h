#pragma once

#include "admin-api/resources/resource.h"

namespace tributary::admin {

// The landers that a stream shows before its destinations.
Field landers_field();
void store_landers(Write& write);

}  // namespace tributary::admin
