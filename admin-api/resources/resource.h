#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "admin-api/api/context.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"

// One table of the API, described once: the description drives validation, SQL and JSON. A field has the same name in
// JSON and in PostgreSQL; the row goes out as json_build_object of its columns, so there is no copying in between.
namespace tributary::admin {

enum class FieldKind {
  text,
  integer,
  boolean,
  money,      // decimal text, exact
  currency,   // ISO 4217
  timestamp,  // RFC 3339 with zone
  uuid,
  word,  // one of `words`
  url,   // template with macros, http or https
  json,  // kept as it is once `check` is content
  part,  // rows of another table: `select` reads them, `after_write` of the resource stores them
};

using FieldCheck = std::function<void(const boost::json::value&, const std::string& path, std::vector<FieldProblem>&)>;

struct Field {
  std::string name;
  FieldKind kind = FieldKind::text;
  enum Flags : unsigned { plain = 0, required = 1, nullable = 2, read_only = 4, write_only = 8, fixed = 16 };
  unsigned flags = plain;  // fixed: given when created, never changed
  std::int64_t min = 0;    // length of a text in characters, or value of an integer
  std::int64_t max = 200;
  std::vector<std::string> words = {};
  FieldCheck check = {};
  std::string select = {};  // SQL over row t; empty: the column

  bool is(Flags flag) const noexcept { return (flags & flag) != 0; }
};

// One change of a record, as hooks see it.
struct Write {
  Context& context;
  ScopedTransaction& transaction;
  std::string id;
  const boost::json::object& body;
  bool created;
  boost::json::object shown_once;  // joins the answer to this request and is never stored
};

// A column and its new value; none: NULL.
struct ColumnValue {
  std::string column;
  std::optional<std::string> value;
};

struct Resource {
  std::string name;                     // campaign
  std::string path;                     // campaigns
  std::string table;                    // config.campaigns
  std::string id = "id";                // its key: column and name in JSON
  bool uuid_id = false;                 // else a number
  std::string team = "t.team_id";       // SQL over row t: the team it belongs to; empty: belongs to the installation
  bool has_team_column = true;          // team_id is filled in when created
  bool marks_deleted = true;            // DELETE sets the state, else removes the row
  std::string ended_state = "deleted";  // which state; what is 'deleted' is not shown any more
  Access read = Access::team;
  Access write = Access::team;
  std::vector<Field> fields = {};
  std::vector<std::string> filters = {};  // query arguments that compare with a column
  // What a change of record $1 publishes: SELECTs of the ids of campaigns, rotations and networks; empty: none.
  std::string published_campaigns = {};
  std::string published_rotations = {};
  std::string published_networks = {};
  // Completes the body of a new record before it is checked.
  std::function<void(const Context&, boost::json::object&)> complete_new = {};
  // May add columns. before_update also runs before a delete; the row is locked.
  std::function<void(Write&, std::vector<ColumnValue>&)> before_insert = {};
  std::function<void(Write&, std::vector<ColumnValue>&)> before_update = {};
  std::function<void(Write&)> after_write = {};

  const Field* find(std::string_view field) const noexcept;
};

// Checks the members of an object. `path` stands before their names in the problems: "", "caps[2].".
std::vector<ColumnValue> check_members(const std::vector<Field>& fields, const boost::json::object& object,
                                       const std::string& path, bool creating, std::vector<FieldProblem>& problems);

// The same for a whole body. Throws ApiError 422 with every problem, not only the first.
std::vector<ColumnValue> require_members(const std::vector<Field>& fields, const boost::json::object& body,
                                         bool creating = true);
// What was given for the column, if it was and is not null.
std::optional<std::string> value_of(const std::vector<ColumnValue>& columns, std::string_view name);

// Checks a body against the description. Throws ApiError 422 with every problem, not only the first.
std::vector<ColumnValue> validate(const Resource& resource, const boost::json::object& body, bool creating);

// Team, stream, ...: every description stands in a file of its own.
Resource team_resource();
Resource user_resource();
Resource source_resource();
Resource network_resource();
Resource destination_resource();
Resource lander_resource();
Resource campaign_resource();
Resource stream_resource();
Resource rotation_resource();
Resource advertiser_resource();
Resource coupon_resource();
Resource partner_resource();
Resource link_resource();
Resource edge_resource();
Resource domain_resource();

}  // namespace tributary::admin
