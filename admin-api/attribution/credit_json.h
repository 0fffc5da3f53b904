#pragma once

#include <string>

namespace tributary::admin {

// SQL: what an event of an advertiser is attributed to, as JSON. `record` is a row of events.customer_events or a value
// of the type events.credit.
std::string credit_json_sql(const std::string& record);

}  // namespace tributary::admin
