#include "admin-api/resources/postback_rules.h"

#include <algorithm>

#include "admin-api/resources/postback_secret.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/text/random_text.h"
#include "core/condition/address.h"
#include "core/snapshot/format.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxAddresses = 64;

// An address, or a prefix: what the type cidr of PostgreSQL holds.
bool is_prefix(const json::value& value) {
  if (!value.is_string()) return false;
  const std::string_view text(value.get_string().data(), value.get_string().size());
  return text.find('-') == std::string_view::npos && parse_address_range(text).has_value();
}

void check_addresses(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto* list = value.if_array();
  if (list == nullptr || list->size() > kMaxAddresses || !std::all_of(list->begin(), list->end(), is_prefix)) {
    problems.push_back({path, "must be a list of at most 64 addresses such as 192.0.2.7 or 2001:db8::/32"});
  }
}

bool is_parameter(const json::value& value) {
  return value.is_string() && !value.get_string().empty() && value.get_string().size() <= kMaxSignatureCarrier;
}

void check_signed_parameters(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto* list = value.if_array();
  if (list == nullptr || list->size() > kMaxSignedParameters ||
      !std::all_of(list->begin(), list->end(), is_parameter)) {
    problems.push_back({path, "must be a list of at most 16 names of parameters"});
  }
}

// {"scheme": "query", "carrier": "sig", "algorithm": "sha1", "parameters": ["tid", "ts"], "time": "ts"}
void check_signature(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  static const std::vector<Field> kFields{
      {.name = "scheme", .kind = FieldKind::word, .words = {"query", "fields", "body", "timed_body", "webhook"}},
      {.name = "carrier", .min = 1, .max = kMaxSignatureCarrier},
      {.name = "algorithm", .kind = FieldKind::word, .words = {"sha256", "sha1", "md5"}},
      {.name = "parameters", .kind = FieldKind::json, .check = check_signed_parameters},
      {.name = "time", .min = 1, .max = kMaxSignatureCarrier},
      {.name = "tolerance_s", .kind = FieldKind::integer, .min = 1, .max = kMaxSignatureTolerance_s},
  };
  const auto* rules = value.if_object();
  if (rules == nullptr) return problems.push_back({path, "must be an object"});
  const auto before = problems.size();
  check_members(kFields, *rules, path + ".", true, problems);
  if (problems.size() != before) return;
  const auto* names = rules->if_contains("parameters");
  const bool listed = names != nullptr && !names->get_array().empty();
  const auto* scheme = rules->if_contains("scheme");
  if (scheme != nullptr && *scheme == "fields" && !listed) {
    problems.push_back({path + ".parameters", "must name those whose values are signed"});
  }
  const auto* time = rules->if_contains("time");
  if (time != nullptr && listed && std::count(names->get_array().begin(), names->get_array().end(), *time) == 0) {
    problems.push_back({path + ".time", "must be one of parameters, or it is not signed"});
  }
}

}  // namespace

Field signature_field() {
  return {.name = "signature", .kind = FieldKind::json, .check = check_signature};
}

Field postback_auth_field() {
  return {.name = "auth", .kind = FieldKind::word, .words = {"token", "ip", "hmac", "none"}};
}

Field postback_answer_field() {
  return {.name = "answer",
          .kind = FieldKind::word,
          .words = {"json", "json_status", "json_data", "plain", "gif", "empty"}};
}

Field postback_secret_field() {
  return {.name = "secret",
          .flags = Field::write_only | Field::fixed,
          .min = 16,
          .max = 128,
          .check = matches("[A-Za-z0-9_-]{16,128}", "letters, digits, _ and -")};
}

Field allowed_addresses_field() {
  return {.name = "allowed_addresses",
          .kind = FieldKind::part,
          .check = check_addresses,
          .select = "to_json(t.allowed_addresses::text[])"};
}

// Bits behind a prefix are cleared, as its meaning is.
void set_allowed_addresses(Write& write, std::vector<ColumnValue>& columns) {
  const auto* given = write.body.if_contains("allowed_addresses");
  if (given == nullptr) return;
  std::string list;
  for (const auto& address : given->get_array()) {
    list += (list.empty() ? "" : ",") + std::string(address.get_string());
  }
  const auto rows = write.transaction.execute(
      "SELECT coalesce(array_agg(network(address::inet)), '{}')::text FROM unnest($1::text[]) AS address",
      Params().untyped("{" + list + "}"));
  columns.push_back({"allowed_addresses", std::string(rows.text(0, 0))});
}

bool has_lasting_secret(ScopedTransaction& transaction, const Resource& owner, const PostbackSecrets& secrets,
                        const std::string& id) {
  return transaction
      .execute("SELECT CASE WHEN count(s.id) = 0 THEN o.auth <> $2 ELSE bool_or(s.expires_at IS NULL) END FROM " +
                   owner.table + " AS o LEFT JOIN " + secrets.table + " AS s ON s." + secrets.column +
                   " = o.id WHERE o.id = $1::integer GROUP BY o.auth",
               Params().untyped(id).text(secrets.auth))
      .boolean(0, 0);
}

void require_lasting_secret(ScopedTransaction& transaction, const Resource& owner, const PostbackSecrets& secrets,
                            const std::string& id) {
  if (has_lasting_secret(transaction, owner, secrets, id)) return;
  throw conflict("it is the last one that does not end: make another first, with grace_s 0 this one ends at once");
}

void create_postback_secret(Write& write, StoreSecret token, StoreSecret hmac) {
  if (!write.created) return;
  const auto* auth = write.body.if_contains("auth");
  const auto* given = write.body.if_contains("secret");
  const bool is_signed = auth != nullptr && *auth == "hmac";
  const StoreSecret store = is_signed ? hmac : token;
  if (given != nullptr) return store(write, std::string(given->get_string()));
  if (auth != nullptr && *auth != "token" && !is_signed) return;
  const auto secret = random_base62(kPostbackSecretLength);
  store(write, secret);
  write.shown_once["secret"] = secret;
}

}  // namespace tributary::admin
