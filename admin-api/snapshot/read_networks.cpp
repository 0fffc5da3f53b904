#include <algorithm>
#include <boost/json/parse.hpp>
#include <unordered_map>

#include "admin-api/snapshot/read_model.h"
#include "core/base/ascii.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

// The mappings of a network go before those of its template.
constexpr const char* kNetworks = R"sql(
SELECT n.id, n.team_id, n.key,
       CASE WHEN t.state = 'active' THEN n.state ELSE 'paused' END,
       n.auth, (n.parameters || coalesce(p.parameters, '[]'))::text, (coalesce(p.statuses, '{}') || n.statuses)::text,
       n.default_status, n.currency, n.click_window_s, n.answer, array_to_json(n.allowed_addresses::text[])::text, n.signature::text,
       n.envelope
FROM config.networks AS n
JOIN config.teams AS t ON t.id = n.team_id
LEFT JOIN config.postback_templates AS p ON p.id = n.template_id AND p.state <> 'deleted'
WHERE n.state <> 'deleted' AND ($1::integer[] IS NULL OR n.id = ANY ($1::integer[]))
ORDER BY n.id)sql";

constexpr const char* kSecrets = R"sql(
SELECT s.network_id, s.sha256
FROM config.network_secrets AS s
CROSS JOIN config.generation AS g
WHERE (s.expires_at IS NULL OR s.expires_at > g.changed_at)
  AND ($1::integer[] IS NULL OR s.network_id = ANY ($1::integer[]))
ORDER BY s.network_id, s.id)sql";

constexpr const char* kPartners = R"sql(
SELECT p.id, p.team_id, CASE WHEN t.state = 'active' THEN p.state ELSE 'paused' END,
       p.auth, p.currency, p.answer, array_to_json(p.allowed_addresses::text[])::text, p.signature::text
FROM config.partners AS p
JOIN config.teams AS t ON t.id = p.team_id
WHERE p.state <> 'deleted'
ORDER BY p.id)sql";

constexpr const char* kPartnerSecrets = R"sql(
SELECT s.partner_id, s.sha256
FROM config.partner_secrets AS s
CROSS JOIN config.generation AS g
WHERE s.expires_at IS NULL OR s.expires_at > g.changed_at
ORDER BY s.partner_id, s.id)sql";

constexpr const char* kSigningSecrets = R"sql(
SELECT s.network_id, s.secret, coalesce(floor(extract(epoch FROM s.expires_at) * 1000)::bigint, 0)
FROM config.network_hmac_secrets AS s
CROSS JOIN config.generation AS g
WHERE (s.expires_at IS NULL OR s.expires_at > g.changed_at)
  AND ($1::integer[] IS NULL OR s.network_id = ANY ($1::integer[]))
ORDER BY s.id DESC)sql";

constexpr const char* kSigningPartnerSecrets = R"sql(
SELECT s.partner_id, s.secret, coalesce(floor(extract(epoch FROM s.expires_at) * 1000)::bigint, 0)
FROM config.partner_hmac_secrets AS s
CROSS JOIN config.generation AS g
WHERE s.expires_at IS NULL OR s.expires_at > g.changed_at
ORDER BY s.id DESC)sql";

using Hash = std::array<std::uint8_t, 32>;

ConversionStatus status_from(std::string_view word) {
  for (auto status = ConversionStatus::lead; status <= ConversionStatus::custom;
       status = static_cast<ConversionStatus>(static_cast<int>(status) + 1)) {
    if (conversion_status_name(status) == word) return status;
  }
  return ConversionStatus::unmapped;
}

model::PostbackAuth auth_from(std::string_view word) {
  if (word == "none") return model::PostbackAuth::none;
  if (word == "ip") return model::PostbackAuth::ip;
  return word == "hmac" ? model::PostbackAuth::hmac : model::PostbackAuth::token;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : std::string();
}

std::vector<model::ParameterMapping> read_parameters(std::string_view text) {
  std::vector<model::ParameterMapping> mappings;
  const auto document = json::parse({text.data(), text.size()});
  for (const auto& item : document.as_array()) {
    const auto& object = item.as_object();
    model::ParameterMapping mapping;
    mapping.field = find_postback_field(text_of(object.at("field")));
    if (const auto* names = object.if_contains("names")) {
      for (const auto& name : names->as_array()) mapping.names.push_back(text_of(name));
    }
    if (const auto* constant = object.if_contains("constant")) mapping.constant = text_of(*constant);
    const auto same = [&](const auto& other) { return other.field == mapping.field; };
    if (std::none_of(mappings.begin(), mappings.end(), same)) mappings.push_back(std::move(mapping));
  }
  return mappings;
}

std::vector<model::StatusMapping> read_statuses(std::string_view text) {
  std::vector<model::StatusMapping> statuses;
  const auto document = json::parse({text.data(), text.size()});
  for (const auto& item : document.as_object()) {
    statuses.push_back({std::string(item.key()), status_from(text_of(item.value()))});
  }
  return statuses;
}

using Secrets = std::unordered_map<std::uint32_t, std::vector<Hash>>;

Secrets secrets_of(const QueryResult& rows) {
  Secrets secrets;
  for (int row = 0; row < rows.rows(); ++row) {
    const auto bytes = rows.bytes(row, 1);
    Hash hash{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    secrets[static_cast<std::uint32_t>(rows.integer(row, 0))].push_back(hash);
  }
  return secrets;
}

Secrets read_secrets(ScopedTransaction& transaction, const OnlyIds& only) {
  Params params;
  return secrets_of(transaction.execute(kSecrets, add_optional(params, only)));
}

model::PostbackAnswer answer_from(std::string_view word) {
  using enum model::PostbackAnswer;
  constexpr std::pair<std::string_view, model::PostbackAnswer> kWords[] = {
      {"json_status", status}, {"json_data", data}, {"plain", plain}, {"gif", gif}, {"empty", empty}};
  for (const auto& [known, answer] : kWords) {
    if (known == word) return answer;
  }
  return merged;
}

std::vector<std::string> read_addresses(std::string_view text) {
  std::vector<std::string> addresses;
  const auto list = json::parse({text.data(), text.size()});
  for (const auto& address : list.as_array()) addresses.push_back(text_of(address));
  return addresses;
}

constexpr std::string_view kSchemes[] = {"query", "fields", "body", "timed_body", "webhook"};
constexpr std::string_view kHashes[] = {"sha256", "sha1", "md5"};
constexpr std::string_view kEnvelopes[] = {"none", "awin", "clickbank_ins"};

template <typename Number, std::size_t kCount>
Number number_of(const std::string_view (&words)[kCount], std::string_view word) {
  const auto* found = std::find(std::begin(words), std::end(words), word);
  return static_cast<Number>(found == std::end(words) ? 0 : found - words);
}

// Where it is usually found.
std::string usual_carrier(model::SignatureScheme scheme) {
  switch (scheme) {
    case model::SignatureScheme::body:
    case model::SignatureScheme::timed_body: return "x-signature";
    case model::SignatureScheme::webhook: return "webhook-signature";
    default: return "signature";
  }
}

model::CallSignature read_signature(std::string_view text) {
  const auto value = json::parse({text.data(), text.size()});
  const auto& rules = value.as_object();
  const auto word = [&](const char* name) {
    const auto* given = rules.if_contains(name);
    return given == nullptr ? std::string() : text_of(*given);
  };
  model::CallSignature signature;
  signature.scheme = number_of<model::SignatureScheme>(kSchemes, word("scheme"));
  signature.hash = number_of<model::SignatureHash>(kHashes, word("algorithm"));
  signature.carrier = word("carrier").empty() ? usual_carrier(signature.scheme) : word("carrier");
  std::transform(signature.carrier.begin(), signature.carrier.end(), signature.carrier.begin(), ascii::to_lower);
  if (const auto* names = rules.if_contains("parameters")) {
    for (const auto& name : names->as_array()) signature.parameters.push_back(text_of(name));
  }
  signature.time = word("time");
  if (const auto* tolerance_s = rules.if_contains("tolerance_s")) {
    signature.tolerance_s = static_cast<std::uint32_t>(tolerance_s->as_int64());
  }
  return signature;
}

// The amount of a call is what the advertiser took: revenue.
model::Network calls_of(const QueryResult& rows, int row, Secrets& secrets, SigningSecrets& signing) {
  model::Network calls;
  calls.team = uuid_from(rows.uuid(row, 1));
  calls.auth = auth_from(rows.text(row, 3));
  calls.secrets_sha256 = std::move(secrets[static_cast<std::uint32_t>(rows.integer(row, 0))]);
  calls.parameters = {{PostbackField::revenue, {"amount"}, ""}};
  calls.currency = std::string(rows.text(row, 4));
  calls.answer = answer_from(rows.text(row, 5));
  calls.allowed = read_addresses(rows.text(row, 6));
  calls.signature = read_signature(rows.text(row, 7));
  calls.signature_secrets = std::move(signing[static_cast<std::uint32_t>(rows.integer(row, 0))]);
  return calls;
}

}  // namespace

void read_networks(ScopedTransaction& transaction, model::Snapshot& snapshot, const OnlyIds& only_networks) {
  auto secrets = read_secrets(transaction, only_networks);
  Params of_signing;
  auto signing = read_signing_secrets(transaction.execute(kSigningSecrets, add_optional(of_signing, only_networks)));
  Params params;
  const auto rows = transaction.execute(kNetworks, add_optional(params, only_networks));
  for (int row = 0; row < rows.rows(); ++row) {
    model::Network network;
    network.id = static_cast<std::uint32_t>(rows.integer(row, 0));
    network.team = uuid_from(rows.uuid(row, 1));
    network.key = std::string(rows.text(row, 2));
    network.state = state_from(rows.text(row, 3));
    network.auth = auth_from(rows.text(row, 4));
    network.secrets_sha256 = std::move(secrets[network.id]);
    network.parameters = read_parameters(rows.text(row, 5));
    network.statuses = read_statuses(rows.text(row, 6));
    network.default_status = status_from(rows.text(row, 7));
    network.currency = std::string(rows.text(row, 8));
    network.click_window_s = static_cast<std::uint32_t>(rows.integer(row, 9));
    network.answer = answer_from(rows.text(row, 10));
    network.allowed = read_addresses(rows.text(row, 11));
    network.signature = read_signature(rows.text(row, 12));
    network.signature_secrets = std::move(signing[network.id]);
    network.envelope = number_of<model::Envelope>(kEnvelopes, rows.text(row, 13));
    snapshot.networks.push_back(std::move(network));
  }
}

// Without a secret that it could show, one that tokens open takes no calls.
void read_partners(ScopedTransaction& transaction, model::Snapshot& snapshot) {
  auto secrets = secrets_of(transaction.execute(kPartnerSecrets));
  auto signing = read_signing_secrets(transaction.execute(kSigningPartnerSecrets));
  const auto rows = transaction.execute(kPartners);
  for (int row = 0; row < rows.rows(); ++row) {
    model::Partner partner{static_cast<std::uint32_t>(rows.integer(row, 0)), uuid_from(rows.uuid(row, 1)),
                           state_from(rows.text(row, 2))};
    auto calls = calls_of(rows, row, secrets, signing);
    if (calls.auth != model::PostbackAuth::token || !calls.secrets_sha256.empty()) partner.postback = std::move(calls);
    snapshot.partners.push_back(std::move(partner));
  }
}

}  // namespace tributary::admin
