#include "admin-api/resources/crud.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "admin-api/api/mutation.h"
#include "admin-api/api/page.h"
#include "admin-api/json/strict_json.h"
#include "admin-api/resources/publishable.h"
#include "admin-api/resources/repository.h"
#include "admin-api/text/formats.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

std::string record_id(const Resource& resource, const std::string& text) {
  if (resource.uuid_id ? !is_uuid(text) : !(is_number(text, 9) || text == "0")) throw not_found();
  return text;
}

std::string etag(std::int64_t version) {
  return "\"" + std::to_string(version) + "\"";
}

std::string with_shown_once(const std::string& record, const json::object& shown_once) {
  if (shown_once.empty()) return record;
  auto document = json::parse(record).as_object();
  for (const auto& item : shown_once) document[item.key()] = item.value();
  return json::serialize(document);
}

// The filters of the query; an unknown argument is refused.
std::vector<ColumnValue> read_filters(const Context& context, const Resource& resource) {
  std::vector<ColumnValue> filters;
  for (const auto& [name, value] : context.query) {
    if (name == "limit" || name == "cursor") continue;
    if (std::find(resource.filters.begin(), resource.filters.end(), name) == resource.filters.end()) {
      throw ApiError(400, "unknown_argument", "the query argument \"" + name + "\" is not known here");
    }
    filters.push_back({name, value});
  }
  return filters;
}

std::string list_body(const Page& page) {
  std::string body = R"({"data":[)";
  for (std::size_t i = 0; i < page.rows.size(); ++i) body += (i == 0 ? "" : ",") + page.rows[i].json;
  const auto next = page.more ? quote_json(encode_cursor(page.rows.back().id)) : "null";
  return body + R"(],"next_cursor":)" + next + "}";
}

http::Response list(Context& context, const Resource& resource, const CrudOptions& options) {
  PageRequest request{page_cursor(context, resource.uuid_id), page_limit(context), read_filters(context, resource)};
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  if (options.parent) {
    const auto parent = record_id(*options.parent, context.path.front());
    if (!Repository(*options.parent, transaction, context.principal).find(parent)) throw not_found();
    request.filters.push_back({options.parent_column, parent});
  }
  return http::json_response(200, list_body(Repository(resource, transaction, context.principal).list(request)));
}

http::Response get(Context& context, const Resource& resource) {
  const auto id = record_id(resource, context.path.back());
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto row = Repository(resource, transaction, context.principal).find(id);
  if (!row) throw not_found();
  return record_response(row->json, row->version);
}

// The team of a new record: everybody's own, but administrators may name another one.
void set_team(const Context& context, json::object& body, std::vector<ColumnValue>& columns) {
  auto team = context.principal.team;
  if (const auto* named = body.if_contains("team_id")) {
    if (!context.principal.is_admin()) throw invalid_field("team_id", "cannot be set");
    if (!named->is_string() || !is_uuid({named->get_string().data(), named->get_string().size()})) {
      throw invalid_field("team_id", "must be a UUID");
    }
    team = std::string(named->get_string());
    body.erase("team_id");
  }
  if (team.empty()) throw invalid_field("team_id", "is required: you belong to no team");
  columns.push_back({"team_id", team});
}

// Runs a statement that writes the record. A reference that leads nowhere is a mistake in its field.
template <typename Statement>
auto with_references_named(const Resource& resource, Statement&& statement) {
  try {
    return statement();
  } catch (const PostgresError& error) {
    for (const auto& field : resource.fields) {
      if (error.sqlstate() == "23503" && error.constraint().ends_with("_" + field.name + "_fkey")) {
        throw invalid_field(field.name, "names no record of the team");
      }
    }
    throw;
  }
}

http::Response create(Context& context, const Resource& resource, const std::string& parent_column) {
  auto body = context.json_body();
  if (!parent_column.empty()) {
    if (!is_number(context.path.front(), 9)) throw not_found();
    body[parent_column] = std::stoi(context.path.front());
  }
  std::vector<ColumnValue> columns;
  if (resource.has_team_column) set_team(context, body, columns);
  if (resource.complete_new) resource.complete_new(context, body);
  auto validated = validate(resource, body, true);
  columns.insert(columns.end(), validated.begin(), validated.end());

  return mutate(context, [&](ScopedTransaction& transaction) {
    Repository repository(resource, transaction, context.principal);
    Write write{context, transaction, {}, body, true, {}};
    if (resource.before_insert) resource.before_insert(write, columns);
    write.id = with_references_named(resource, [&] { return repository.insert(columns); });
    if (resource.after_write) resource.after_write(write);
    const auto row = repository.find(write.id);
    if (!row) throw not_found();  // written, but not visible to its writer: another team's parent
    require_publishable(transaction, resource, write.id);
    write_audit(transaction, context, {"create", resource.name, write.id, std::nullopt, row->json});
    auto response = record_response(with_shown_once(row->json, write.shown_once), row->version, 201);
    response.set("Location", "/api/v1/" + resource.path + "/" + write.id);
    return Change{std::move(response), row->json};
  });
}

http::Response update(Context& context, const Resource& resource) {
  const auto id = record_id(resource, context.path.back());
  const auto body = context.json_body();
  auto columns = validate(resource, body, false);
  return mutate(context, [&](ScopedTransaction& transaction) {
    Repository repository(resource, transaction, context.principal);
    const auto before = repository.find(id, true);
    if (!before) throw not_found();
    require_match(context, before->version);
    Write write{context, transaction, id, body, false, {}};
    if (resource.before_update) resource.before_update(write, columns);
    with_references_named(resource, [&] { repository.update(id, columns); });
    if (resource.after_write) resource.after_write(write);
    const auto after = repository.find(id);
    if (!after) throw not_found();
    require_publishable(transaction, resource, id);
    write_audit(transaction, context, {"update", resource.name, id, before->json, after->json});
    return Change{record_response(with_shown_once(after->json, write.shown_once), after->version), std::nullopt};
  });
}

http::Response remove(Context& context, const Resource& resource) {
  const auto id = record_id(resource, context.path.back());
  return mutate(context, [&](ScopedTransaction& transaction) {
    Repository repository(resource, transaction, context.principal);
    const auto before = repository.find(id, true);
    if (!before) throw not_found();
    require_match(context, before->version);
    const json::object body{{"state", "deleted"}};
    Write write{context, transaction, id, body, false, {}};
    std::vector<ColumnValue> no_columns;
    if (resource.before_update) resource.before_update(write, no_columns);
    repository.remove(id);
    require_publishable(transaction, resource, id);
    write_audit(transaction, context, {"delete", resource.name, id, before->json, std::nullopt});
    return Change{http::Response{204, {}, {}}, std::nullopt};
  });
}

}  // namespace

http::Response record_response(const std::string& record, std::int64_t version, int status) {
  auto response = http::json_response(status, record);
  response.set("ETag", etag(version));
  return response;
}

void require_match(const Context& context, std::int64_t version) {
  const auto wanted = context.request.header("if-match");
  if (wanted.empty()) {
    throw ApiError(428, "if_match_needed", "send If-Match with the ETag of the record that you changed");
  }
  if (wanted != "*" && wanted != etag(version)) {
    throw ApiError(412, "changed", "the record was changed in the meantime: read it again");
  }
}

void add_crud_routes(Routes& routes, const Resource& description, const CrudOptions& options) {
  // Shared by the handlers of the five routes for as long as any of them lives.
  const auto resource = std::make_shared<const Resource>(description);
  const auto path = options.prefix + resource->path;
  const auto parent = options.parent_column;
  routes.push_back({"GET", path, resource->read, [=](Context& c) { return list(c, *resource, options); }});
  routes.push_back({"POST", path, resource->write, [=](Context& c) { return create(c, *resource, parent); }});
  if (!parent.empty()) return;
  const auto one = path + "/{id}";
  routes.push_back({"GET", one, resource->read, [=](Context& c) { return get(c, *resource); }});
  routes.push_back({"PATCH", one, resource->write, [=](Context& c) { return update(c, *resource); }});
  routes.push_back({"DELETE", one, resource->write, [=](Context& c) { return remove(c, *resource); }});
}

}  // namespace tributary::admin
