#pragma once

#include <boost/json/object.hpp>

#include "admin-api/explain/asked_click.h"
#include "admin-api/explain/asked_visitor.h"
#include "admin-api/explain/explain_state.h"
#include "core/snapshot/snapshot_view.h"

namespace tributary::admin {

// Stands where the id of a click would: explain mints none that a postback could name.
inline constexpr std::string_view kNoClickId = "00000000000000000000000000000000";

const fbs::Campaign* campaign_of(const AskedClick& click, const SnapshotView& snapshot) noexcept;

// Decides the click as the edge does and tells all that was looked at on the way. Of a recorded click, the place in the
// rotation is not stored: where a stream gives turns, it is the first one that leads to what was recorded.
boost::json::object explain_click(const AskedClick& click, const SnapshotView& snapshot, AskedVisitor& visitor,
                                  ExplainState& state);

}  // namespace tributary::admin
