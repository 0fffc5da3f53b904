#pragma once

#include <string_view>

#include "core/request/tracking_names.h"
#include "core/url/macro.h"

namespace tributary::fbs {
struct Source;
}

namespace tributary {

// The field that a macro stands for; `none` for macros that are no field of a click's query.
TrackingTarget tracking_target(Macro macro) noexcept;

// What a parameter means to this traffic source; `none` when it has no meaning of its own. Ignores case.
TrackingTarget find_source_name(const fbs::Source& source, std::string_view name) noexcept;

}  // namespace tributary
