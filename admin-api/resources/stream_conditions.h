#pragma once

#include "admin-api/resources/resource.h"

// The list `conditions` of a stream. What a condition may be is core's to say: core/condition/compile_condition.h.
namespace tributary::admin {

Field conditions_field();

// A click limit that keeps its argument (period and zone) keeps its counter.
void store_conditions(Write& write);

}  // namespace tributary::admin
