#pragma once

#include "admin-api/resources/stream_members.h"

namespace tributary::admin {

// The landers that a stream shows before its destinations.
const StreamMembers& stream_landers();

}  // namespace tributary::admin
