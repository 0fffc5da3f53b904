#include <algorithm>

#include "admin-api/snapshot/read_model.h"
#include "core/snapshot/format.h"

namespace tributary::admin {
namespace {

constexpr const char* kAdvertisers = R"sql(
SELECT a.id, a.team_id, a.state = 'active' AND t.state = 'active', a.currency, a.hmac_required, a.hmac_tolerance_s
FROM config.advertisers AS a
JOIN config.teams AS t ON t.id = a.team_id
WHERE a.state <> 'deleted'
ORDER BY a.id)sql";

// When a credential ends stands in the snapshot: what has ended is only left out of it.
constexpr const char* kSecrets = R"sql(
SELECT s.advertiser_id, s.secret, coalesce(floor(extract(epoch FROM s.expires_at) * 1000)::bigint, 0)
FROM config.advertiser_hmac_secrets AS s
CROSS JOIN config.generation AS g
WHERE s.expires_at IS NULL OR s.expires_at > g.changed_at
ORDER BY s.id DESC)sql";

constexpr const char* kKeys = R"sql(
SELECT k.advertiser_id, k.sha256, coalesce(floor(extract(epoch FROM k.expires_at) * 1000)::bigint, 0)
FROM config.api_keys AS k
JOIN config.advertisers AS a ON a.id = k.advertiser_id
CROSS JOIN config.generation AS g
WHERE a.state <> 'deleted' AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > g.changed_at)
ORDER BY k.id)sql";

void read_keys(ScopedTransaction& transaction, model::Snapshot& snapshot) {
  const auto rows = transaction.execute(kKeys);
  for (int row = 0; row < rows.rows(); ++row) {
    model::EventKey key;
    const auto bytes = rows.bytes(row, 1);
    std::copy_n(bytes.begin(), std::min(bytes.size(), key.sha256.size()), key.sha256.begin());
    key.advertiser = static_cast<std::uint32_t>(rows.integer(row, 0));
    key.valid_until_ms = static_cast<std::uint64_t>(rows.integer(row, 2));
    snapshot.event_keys.push_back(key);
  }
}

}  // namespace

// The newest ones, as many as a snapshot holds.
SigningSecrets read_signing_secrets(const QueryResult& rows) {
  SigningSecrets secrets;
  for (int row = 0; row < rows.rows(); ++row) {
    auto& own = secrets[static_cast<std::uint32_t>(rows.integer(row, 0))];
    if (own.size() == kMaxSignatureSecrets) continue;
    const auto bytes = rows.bytes(row, 1);
    own.push_back({{bytes.begin(), bytes.end()}, static_cast<std::uint64_t>(rows.integer(row, 2))});
  }
  return secrets;
}

void read_advertisers(ScopedTransaction& transaction, model::Snapshot& snapshot) {
  auto secrets = read_signing_secrets(transaction.execute(kSecrets));
  const auto rows = transaction.execute(kAdvertisers);
  for (int row = 0; row < rows.rows(); ++row) {
    model::Advertiser advertiser;
    advertiser.id = static_cast<std::uint32_t>(rows.integer(row, 0));
    advertiser.team = uuid_from(rows.uuid(row, 1));
    advertiser.active = rows.boolean(row, 2);
    advertiser.currency = std::string(rows.text(row, 3));
    advertiser.signature_required = rows.boolean(row, 4);
    advertiser.signature_tolerance_s = static_cast<std::uint32_t>(rows.integer(row, 5));
    advertiser.signature_secrets = std::move(secrets[advertiser.id]);
    snapshot.advertisers.push_back(std::move(advertiser));
  }
  read_keys(transaction, snapshot);
}

}  // namespace tributary::admin
