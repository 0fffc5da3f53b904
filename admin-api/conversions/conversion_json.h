#pragma once

#include <string>

namespace tributary::admin {

// SQL: a row of events.conversions called `t` as the JSON object of the API.
const std::string& conversion_json_sql();
// The same with what happened to it, oldest first, as `history`: an expression of type jsonb.
const std::string& conversion_with_history_sql();

}  // namespace tributary::admin
