#pragma once

#include <span>

#include "core/base/arena.h"
#include "core/event/event.h"
#include "core/request/query.h"

namespace tributary::fbs {
struct Source;
}

namespace tributary {

inline constexpr std::size_t kMaxTrackingValue = 512;   // bytes of one value
inline constexpr std::size_t kMaxTrackingTotal = 4096;  // bytes of all values of a click: a large enough arena

// Fills in `tracking`, which must be empty. Recognises sub1..sub30 (and s1, c1, t1, var1, sub_id_1, aff_sub, ...),
// utm_*, cost, currency, external_id, keyword and their aliases (core/request/tracking_names.h) in a parsed query. Of
// several parameters with one meaning the first that has a value wins; an unexpanded macro is no value. Values are
// decoded once and cut, between characters, to the limits above; what is cut sets kLabelTruncated in `labels`. A cost
// that is not a plain non-negative decimal and a currency that ISO 4217 does not know are left out. Views point into
// the query or the arena.
void parse_tracking(std::span<const QueryParameter> query, Arena& arena, Tracking& tracking,
                    std::uint32_t& labels) noexcept;

// The same for a campaign whose traffic source has names of its own: these come first, and a parameter that has one
// means nothing else.
void parse_tracking(std::span<const QueryParameter> query, const fbs::Source& source, Arena& arena, Tracking& tracking,
                    std::uint32_t& labels) noexcept;

}  // namespace tributary
