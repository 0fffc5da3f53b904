#pragma once

#include <string>
#include <string_view>

#include "core/condition/compile_condition.h"

namespace tributary {

// Adds one accepted text, which is not empty, to what its form makes of it. Returns what is wrong with it, for a
// person; empty when nothing is.
std::string add_accepted(ValueForm form, std::string_view text, CompiledCondition& compiled);

}  // namespace tributary
