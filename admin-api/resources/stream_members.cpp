#include "admin-api/resources/stream_members.h"

#include <set>

#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

void require_different(const json::array& items, const std::string& id, const std::string& path,
                       std::vector<FieldProblem>& problems) {
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!seen.insert(items[i].at(id).get_int64()).second) {
      std::string place = path;
      place.append("[").append(std::to_string(i)).append("].").append(id);
      problems.push_back({std::move(place), "appears twice"});
    }
  }
}

}  // namespace

Field members_field(const StreamMembers& members) {
  const std::string id = members.entity + "_id";
  const std::vector<Field> fields{
      id_field(id, Field::required),
      {.name = "weight", .kind = FieldKind::integer, .max = kMaxWeight},
  };
  const auto whole = [id, also = members.whole](const json::value& value, const std::string& path,
                                                std::vector<FieldProblem>& problems) {
    require_different(value.get_array(), id, path, problems);
    if (also) also(value, path, problems);
  };
  return {.name = members.entity + "s",
          .kind = FieldKind::part,
          .check = list_of(fields, members.most, whole),
          .select = members.select};
}

void store_members(Write& write, const StreamMembers& members) {
  const std::string field = members.entity + "s";
  if (!write.body.contains(field)) return;
  write.transaction.execute(members.remove, Params().untyped(write.id));
  const auto stored = store_list(write, field.c_str(), members.store);
  if (stored != static_cast<std::int64_t>(write.body.at(field).get_array().size())) {
    throw invalid_field(field, "holds a " + members.entity + " that does not exist in the team of the stream");
  }
}

}  // namespace tributary::admin
