#include "admin-api/resources/shared_fields.h"

#include <boost/json/serialize.hpp>
#include <regex>

#include "core/time_zone/zone_offsets.h"

namespace tributary::admin {

namespace json = boost::json;

constexpr std::int64_t kYearS = 366 * 86'400;

Field team_field() {
  return {.name = "team_id", .kind = FieldKind::uuid, .flags = Field::read_only};
}
Field name_field() {
  return {.name = "name", .flags = Field::required, .min = 1, .max = 200};
}
Field id_field(std::string name, unsigned flags) {
  return {.name = std::move(name), .kind = FieldKind::integer, .flags = flags, .min = 1, .max = kMaxId};
}
Field time_field(std::string name) {
  return {.name = std::move(name), .kind = FieldKind::timestamp, .flags = Field::nullable};
}
Field state_field() {
  return {.name = "state", .kind = FieldKind::word, .words = {"active", "paused"}};
}
Field currency_field() {
  return {.name = "currency", .kind = FieldKind::currency};
}
Field redirect_kind_field(unsigned flags) {
  return {.name = "redirect_kind",
          .kind = FieldKind::word,
          .flags = flags,
          .words = {"http", "meta", "javascript", "hide_referrer", "json"}};
}
Field redirect_status_field() {
  return {.name = "redirect_status",
          .kind = FieldKind::integer,
          .min = 301,
          .max = 307,
          .check = [](const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
            const auto status = value.get_int64();
            if (status > 303 && status < 307) problems.push_back({path, "must be 301, 302, 303 or 307"});
          }};
}
Field window_field(std::string name) {
  return {.name = std::move(name), .kind = FieldKind::integer, .max = kYearS};
}
Field time_zone_field() {
  return {.name = "time_zone",
          .min = 1,
          .max = 64,
          .check = [](const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
            const auto& zone = value.get_string();
            if (!zone_exists({zone.data(), zone.size()})) {
              problems.push_back({path, "is not a time zone: give a name like Asia/Almaty"});
            }
          }};
}

FieldCheck matches(const std::string& expression, const std::string& allowed) {
  return [pattern = std::regex(expression), allowed](const json::value& value, const std::string& path,
                                                     std::vector<FieldProblem>& problems) {
    const auto& text = value.get_string();  // its kind and length were checked before
    if (!std::regex_match(text.begin(), text.end(), pattern)) problems.push_back({path, "may only hold " + allowed});
  };
}

FieldCheck list_of(std::vector<Field> fields, std::size_t most, FieldCheck whole) {
  return [fields = std::move(fields), most, whole = std::move(whole)](const json::value& value, const std::string& path,
                                                                      std::vector<FieldProblem>& problems) {
    const auto* items = value.if_array();
    if (items == nullptr || items->size() > most) {
      return problems.push_back({path, "must be a list of at most " + std::to_string(most) + " objects"});
    }
    const auto before = problems.size();
    for (std::size_t i = 0; i < items->size(); ++i) {
      const auto item_path = path + "[" + std::to_string(i) + "]";
      if (const auto* object = (*items)[i].if_object()) {
        check_members(fields, *object, item_path + ".", true, problems);
      } else {
        problems.push_back({item_path, "must be an object"});
      }
    }
    if (whole && problems.size() == before) whole(value, path, problems);
  };
}

std::optional<std::int64_t> store_list(Write& write, const char* field, const char* sql) {
  const auto* list = write.body.if_contains(field);
  if (list == nullptr) return std::nullopt;
  return write.transaction.execute(sql, Params().untyped(write.id).text(json::serialize(*list))).affected();
}

void require_no_campaigns(Write& write, const std::string& column) {
  const auto* state = write.body.if_contains("state");
  if (state == nullptr || *state != "deleted") return;
  const auto used = write.transaction.execute(
      "SELECT count(*), array_to_string((array_agg(id ORDER BY id))[:5], ', ') FROM config.campaigns WHERE " + column +
          " = $1::integer AND state <> 'deleted'",
      Params().untyped(write.id));
  if (used.integer(0, 0) == 0) return;
  const std::string more = used.integer(0, 0) > 5 ? ", ..." : "";
  throw conflict(std::to_string(used.integer(0, 0)) + " campaigns have it as " + column + ": " +
                 std::string(used.text(0, 1)) + more);
}

}  // namespace tributary::admin
