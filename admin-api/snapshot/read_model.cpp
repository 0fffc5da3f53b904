#include "admin-api/snapshot/read_model.h"

#include <algorithm>

namespace tributary::admin {
namespace {

void read_generation_row(ScopedTransaction& transaction, model::Snapshot& snapshot) {
  const auto row = transaction.execute(
      "SELECT epoch, counter, floor(extract(epoch FROM changed_at) * 1000)::bigint FROM config.generation");
  snapshot.generation.epoch = static_cast<std::uint16_t>(row.integer(0, 0));
  snapshot.generation.counter = static_cast<std::uint64_t>(row.integer(0, 1));
  snapshot.created_ms = static_cast<std::uint64_t>(row.integer(0, 2));
}

void read_teams(ScopedTransaction& transaction, model::Snapshot& snapshot) {
  const auto rows =
      transaction.execute("SELECT id, trafficback FROM config.teams WHERE state <> 'deleted' ORDER BY id");
  for (int row = 0; row < rows.rows(); ++row) {
    snapshot.teams.push_back({uuid_from(rows.uuid(row, 0)), std::string(rows.text(row, 1))});
  }
  const auto global = transaction.execute("SELECT content #>> '{}' FROM config.settings WHERE key = 'trafficback'");
  if (global.rows() == 1) snapshot.trafficback = std::string(global.text(0, 0));
}

void read_click_keys(ScopedTransaction& transaction, model::Snapshot& snapshot) {
  const auto rows = transaction.execute(R"sql(
SELECT id, secret, floor(extract(epoch FROM mint_from) * 1000)::bigint,
       coalesce(floor(extract(epoch FROM valid_until) * 1000)::bigint, 0)
FROM config.click_keys
ORDER BY id)sql");
  for (int row = 0; row < rows.rows(); ++row) {
    ClickIdKey key;
    key.id = static_cast<std::uint8_t>(rows.integer(row, 0));
    const auto secret = rows.bytes(row, 1);
    std::copy_n(secret.begin(), std::min(secret.size(), key.secret.size()), key.secret.begin());
    key.mint_from_ms = static_cast<std::uint64_t>(rows.integer(row, 2));
    key.valid_until_ms = static_cast<std::uint64_t>(rows.integer(row, 3));
    snapshot.click_keys.push_back(key);
  }
}

}  // namespace

model::State state_from(std::string_view word) {
  if (word == "active") return model::State::active;
  return word == "deleted" ? model::State::deleted : model::State::paused;
}

model::Uuid uuid_from(const std::array<std::uint8_t, 16>& bytes) {
  model::Uuid uuid;
  for (std::size_t i = 0; i < 8; ++i) {
    uuid.high = uuid.high << 8 | bytes[i];
    uuid.low = uuid.low << 8 | bytes[i + 8];
  }
  return uuid;
}

model::Snapshot read_model(ScopedTransaction& transaction) {
  model::Snapshot snapshot;
  read_generation_row(transaction, snapshot);
  read_teams(transaction, snapshot);
  read_sources(transaction, snapshot);
  read_domains(transaction, snapshot);
  read_routing(transaction, snapshot);
  read_networks(transaction, snapshot);
  read_partners(transaction, snapshot);
  read_links(transaction, snapshot);
  read_advertisers(transaction, snapshot);
  read_click_keys(transaction, snapshot);
  return snapshot;
}

}  // namespace tributary::admin
