#pragma once

#include <string>
#include <string_view>

#include "admin-api/conversions/stored_call.h"
#include "core/event/event.h"

namespace tributary::admin {

// What a person should change so that calls like this one count, in plain words that name what was sent; empty when
// there is nothing to change.
std::string postback_hint(PostbackVerdict verdict, std::string_view click_text, std::string_view raw_status,
                          const StoredCall& call);

}  // namespace tributary::admin
