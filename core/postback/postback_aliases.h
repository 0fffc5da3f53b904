#pragma once

#include <string_view>

#include "core/postback/field.h"

namespace tributary {

// What a parameter of a postback means where the network's own mapping says nothing: the names that trackers and
// networks commonly use (subid, cid, payout, sum, txid, cnv_status, ...). Ignores case. The list is in
// docs/postbacks.md.
PostbackField find_postback_alias(std::string_view name) noexcept;

}  // namespace tributary
