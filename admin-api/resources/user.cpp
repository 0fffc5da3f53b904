#include <boost/json/object.hpp>

#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

bool says(const json::object& body, const char* field, const char* word) {
  const auto* value = body.if_contains(field);
  return value != nullptr && value->is_string() && value->get_string() == word;
}

void hash_password(Write& write, std::vector<ColumnValue>& columns) {
  const auto* password = write.body.if_contains("password");
  if (password == nullptr) return;
  columns.push_back({"password_hash", write.context.services.passwords.hash(
                                          {password->get_string().data(), password->get_string().size()})});
}

void record_approval(Write& write, std::vector<ColumnValue>& columns) {
  if (!says(write.body, "state", "approved")) return;
  const auto& by = write.context.principal.user;  // empty: the command line
  columns.push_back({"approved_by", by.empty() ? std::nullopt : std::optional(by)});
  columns.push_back({"approved_at", "now"});
}

// Somebody must always be able to let others in. The lock makes two administrators who remove each other take turns.
void keep_one_admin(Write& write) {
  const bool stays = !(write.body.contains("role") && !says(write.body, "role", "admin")) &&
                     !(write.body.contains("state") && !says(write.body, "state", "approved"));
  if (stays) return;
  write.transaction.execute("SELECT pg_advisory_xact_lock(hashtext('tributary.last_admin'))");
  const auto others = write.transaction.execute(
      "SELECT FROM config.users AS u WHERE u.role = 'admin' AND u.state = 'approved' AND u.id <> $1::uuid"
      " UNION ALL SELECT FROM config.users AS u WHERE u.id = $1::uuid AND (u.role <> 'admin' OR u.state <> 'approved')",
      Params().untyped(write.id));
  if (others.rows() == 0) throw conflict("this is the last administrator");
}

// Who was blocked, or has a new password, is signed out everywhere.
void end_sessions(Write& write) {
  if (write.created || !(write.body.contains("password") || write.body.contains("state"))) return;
  write.transaction.execute(
      "UPDATE config.refresh_tokens SET revoked_at = now() WHERE user_id = $1::uuid AND revoked_at IS NULL",
      Params().untyped(write.id));
}

}  // namespace

Resource user_resource() {
  Resource resource{.name = "user", .path = "users", .table = "config.users", .uuid_id = true};
  resource.has_team_column = false;
  resource.read = Access::admin;
  resource.write = Access::admin;
  resource.fields = {
      {.name = "team_id", .kind = FieldKind::uuid, .flags = Field::nullable},
      {.name = "email",
       .flags = Field::required,
       .min = 3,
       .max = 320,
       .check = matches("[^@ ]+@[^@ ]+", "an address such as name@example.com")},
      {.name = "password",
       .flags = Field::required | Field::write_only,
       .min = kMinPasswordLength,
       .max = kMaxPasswordLength},
      {.name = "full_name"},
      {.name = "role", .kind = FieldKind::word, .words = {"admin", "buyer"}},
      {.name = "state", .kind = FieldKind::word, .words = {"pending", "approved", "blocked"}},
      {.name = "last_login_at", .kind = FieldKind::timestamp, .flags = Field::read_only},
  };
  resource.filters = {"state", "role", "team_id", "email"};
  resource.before_insert = [](Write& write, std::vector<ColumnValue>& columns) {
    hash_password(write, columns);
    record_approval(write, columns);
  };
  resource.before_update = [](Write& write, std::vector<ColumnValue>& columns) {
    keep_one_admin(write);
    hash_password(write, columns);
    record_approval(write, columns);
  };
  resource.after_write = end_sessions;
  return resource;
}

}  // namespace tributary::admin
