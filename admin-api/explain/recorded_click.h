#pragma once

#include <string_view>

#include "admin-api/db/scoped_transaction.h"
#include "admin-api/explain/asked_click.h"

namespace tributary::admin {

// The click, trafficback or click of a lander of this id, as it was stored; nothing when the caller may see none.
std::optional<AskedClick> find_recorded_click(ScopedTransaction& transaction, const ClickIdentity& id);

}  // namespace tributary::admin
