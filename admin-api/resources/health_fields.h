#pragma once

#include <vector>

#include "admin-api/resources/resource.h"

namespace tributary::admin {

// How a destination is checked (A43).
std::vector<Field> health_fields();

}  // namespace tributary::admin
