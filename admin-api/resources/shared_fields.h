#pragma once

#include "admin-api/resources/resource.h"

// Fields and rules that several resources have.
namespace tributary::admin {

inline constexpr std::int64_t kMaxId = 2'147'483'647;

Field team_field();  // read here; set by the one place that knows who may name a team
Field name_field();
Field id_field(std::string name, unsigned flags = Field::nullable);  // names another record
Field time_field(std::string name);
Field state_field();  // active, paused
Field currency_field();
Field redirect_kind_field(unsigned flags = Field::plain);
Field redirect_status_field();
Field window_field(std::string name);  // how long a visitor is remembered: seconds to a year, 0 not at all
Field time_zone_field();               // IANA name that this machine knows; UTC when not given

// The whole text matches an ECMAScript regular expression; `allowed` says so to people.
FieldCheck matches(const std::string& expression, const std::string& allowed);

// A list of at most `most` objects with these fields. `whole` sees a list whose items are right one by one.
FieldCheck list_of(std::vector<Field> fields, std::size_t most, FieldCheck whole = {});

// Rows of another table that belong to the record: `sql` replaces those of record $1::integer by the list $2::jsonb.
// Does nothing when the body does not name the list; returns how many rows were stored.
std::optional<std::int64_t> store_list(Write& write, const char* field, const char* sql);

// Of a change that deletes the record: 409 with the campaigns that name it in `column`, which would go on without it.
void require_no_campaigns(Write& write, const std::string& column);

}  // namespace tributary::admin
