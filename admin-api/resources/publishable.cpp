#include "admin-api/resources/publishable.h"

#include "admin-api/snapshot/read_model.h"
#include "core/snapshot/snapshot_builder.h"

namespace tributary::admin {
namespace {

std::string ids_of(ScopedTransaction& transaction, const std::string& select, const std::string& id) {
  if (select.empty()) return "{}";
  const auto row = transaction.execute("SELECT ARRAY(" + select + ")::text", Params().untyped(id));
  return std::string(row.text(0, 0));
}

// "stream 4 of campaign 12" is the record "stream 4". Of other records, the field says which one.
FieldProblem as_field(const BuildProblem& problem, const std::string& record) {
  const bool own = problem.entity == record || problem.entity.starts_with(record + " of ");
  return {own ? problem.field : problem.entity + ": " + problem.field, problem.reason};
}

// Keys, teams and the generation are not in the part that was read, so what is missing of them is no problem here.
bool is_of_a_record(const BuildProblem& problem) {
  for (const std::string_view kind :
       {"campaign ", "rotation ", "stream ", "destination ", "lander ", "network ", "source "}) {
    if (problem.entity.starts_with(kind)) return true;
  }
  return false;
}

}  // namespace

void require_publishable(ScopedTransaction& transaction, const Resource& resource, const std::string& id) {
  const bool routes = !resource.published_campaigns.empty() || !resource.published_rotations.empty();
  if (!routes && resource.published_networks.empty()) return;
  model::Snapshot part;
  if (routes) {
    read_sources(transaction, part);
    read_routing(transaction, part,
                 RoutingPart{ids_of(transaction, resource.published_campaigns, id),
                             ids_of(transaction, resource.published_rotations, id)});
  }
  if (!resource.published_networks.empty()) {
    read_networks(transaction, part, ids_of(transaction, resource.published_networks, id));
  }
  const auto built = build_snapshot(part);
  if (built) return;
  std::vector<FieldProblem> problems;
  for (const auto& problem : built.error()) {
    if (is_of_a_record(problem)) problems.push_back(as_field(problem, resource.name + " " + id));
  }
  if (!problems.empty()) throw invalid_fields(std::move(problems));
}

}  // namespace tributary::admin
