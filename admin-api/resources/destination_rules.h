#pragma once

#include "admin-api/resources/resource.h"

// When and how much a destination takes, and where the rest goes.
namespace tributary::admin {

Field schedules_field();
void store_schedules(Write& write);

// A cap that keeps measure, period, zone and currency keeps its counter; anything else begins to count anew.
Field caps_field();
void store_caps(Write& write);

// Before a change: the database would refuse it without naming the field.
void require_another_overflow(const Write& write);
// After a write: the chain of overflows ends, and soon. Other changes of the chain wait for the generation, which this
// transaction has locked by its write.
void require_overflow_ends(Write& write);
// Before a delete: no destination overflows into this one.
void require_no_overflow_into(Write& write);

}  // namespace tributary::admin
