#pragma once

#include <string>

#include "admin-api/api/context.h"

// The pages of every list: ?limit=…&cursor=…
namespace tributary::admin {

// Throw ApiError 400.
int page_limit(const Context& context);
// The id after which the page begins; empty: the first page.
std::string page_cursor(const Context& context, bool uuid);

std::string encode_cursor(const std::string& id);

}  // namespace tributary::admin
