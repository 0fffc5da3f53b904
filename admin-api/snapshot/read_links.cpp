#include "admin-api/snapshot/read_model.h"

namespace tributary::admin {
namespace {

// A link that was replaced by another one is gone from the edges.
constexpr const char* kLinks = R"sql(
SELECT id, code, state, campaign_id, partner_id, url
FROM config.links
WHERE state IN ('active', 'paused')
ORDER BY id)sql";

std::uint32_t number(const QueryResult& rows, int row, int column) {
  return static_cast<std::uint32_t>(rows.integer(row, column));
}

}  // namespace

void read_links(ScopedTransaction& transaction, model::Snapshot& snapshot) {
  const auto links = transaction.execute(kLinks);
  for (int row = 0; row < links.rows(); ++row) {
    snapshot.links.push_back({number(links, row, 0), std::string(links.text(row, 1)), state_from(links.text(row, 2)),
                              number(links, row, 3), number(links, row, 4), std::string(links.text(row, 5))});
  }
}

}  // namespace tributary::admin
