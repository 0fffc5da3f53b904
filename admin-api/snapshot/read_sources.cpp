#include <boost/json/parse.hpp>

#include "admin-api/snapshot/read_model.h"

namespace tributary::admin {

void read_sources(ScopedTransaction& transaction, model::Snapshot& snapshot) {
  const auto rows = transaction.execute(
      "SELECT id, aliases::text, currency FROM config.sources"
      " WHERE state <> 'deleted' AND (aliases <> '{}' OR currency IS NOT NULL) ORDER BY id");
  for (int row = 0; row < rows.rows(); ++row) {
    model::Source source{static_cast<std::uint32_t>(rows.integer(row, 0)), {}, std::string(rows.text(row, 2))};
    const auto aliases = boost::json::parse(rows.text(row, 1));
    for (const auto& [field, names] : aliases.as_object()) {
      const auto macro = find_macro(field);
      for (const auto& name : names.as_array()) {
        source.names.push_back({std::string(name.as_string()), macro.value_or(Macro::literal)});
      }
    }
    snapshot.sources.push_back(std::move(source));
  }
}

void read_domains(ScopedTransaction& transaction, model::Snapshot& snapshot) {
  const auto rows = transaction.execute(
      "SELECT host, team_id, state = 'active', coalesce(default_campaign_id, 0) FROM config.domains"
      " WHERE state <> 'deleted' ORDER BY id");
  for (int row = 0; row < rows.rows(); ++row) {
    snapshot.domains.push_back({std::string(rows.text(row, 0)), uuid_from(rows.uuid(row, 1)), rows.boolean(row, 2),
                                static_cast<std::uint32_t>(rows.integer(row, 3))});
  }
}

}  // namespace tributary::admin
