#include <algorithm>
#include <array>

#include "admin-api/api/services.h"
#include "admin-api/presets/presets.h"
#include "admin-api/resources/postback_rules.h"
#include "admin-api/resources/postback_secret.h"
#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"
#include "core/money/money.h"
#include "core/postback/field.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;
using Problems = std::vector<FieldProblem>;

constexpr std::array<std::string_view, 7> kStatuses{"unmapped", "lead",   "sale",  "rejected",
                                                    "trash",    "rebill", "custom"};
const std::vector<std::string> kDuplicates{"update", "ignore",         "ignore_same_transaction",
                                           "count",  "count_labelled", "add_amounts"};
constexpr std::size_t kMaxMappings = 64;
constexpr std::size_t kMaxNames = 16;
constexpr std::size_t kMaxWord = 128;

bool is_word(const json::value& value) {
  return value.is_string() && !value.get_string().empty() && value.get_string().size() <= kMaxWord;
}

bool is_lower_word(std::string_view word) {
  const bool lower = std::none_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return !word.empty() && word.size() <= kMaxWord && lower;
}

void check_names(const json::value* names, const std::string& path, Problems& problems) {
  const auto* list = names == nullptr ? nullptr : names->if_array();
  const bool right = list != nullptr && list->size() <= kMaxNames && std::all_of(list->begin(), list->end(), is_word);
  if (!right) problems.push_back({path, "must be a list of at most 16 parameter names"});
}

// {"field": "click_id", "names": ["cid"], "constant": null}
void check_parameter(const json::value& value, const std::string& path, Problems& problems) {
  const auto* item = value.if_object();
  if (item == nullptr) return problems.push_back({path, "must be an object"});
  for (const auto& member : *item) {
    const auto key = member.key();
    if (key != "field" && key != "names" && key != "constant") {
      problems.push_back({path + "." + std::string(key), "is not known"});
    }
  }
  const auto* field = item->if_contains("field");
  const bool known =
      field != nullptr && field->is_string() &&
      find_postback_field({field->get_string().data(), field->get_string().size()}) != PostbackField::none;
  if (!known) problems.push_back({path + ".field", "must be a field of a postback, such as click_id or payout"});
  check_names(item->if_contains("names"), path + ".names", problems);
  const auto* constant = item->if_contains("constant");
  if (constant != nullptr && !constant->is_null() && !is_word(*constant)) {
    problems.push_back({path + ".constant", "must be a text of at most 128 bytes"});
  }
}

void check_parameters(const json::value& value, const std::string& path, Problems& problems) {
  const auto* list = value.if_array();
  if (list == nullptr || list->size() > kMaxMappings) return problems.push_back({path, "must be a list of at most 64"});
  for (std::size_t i = 0; i < list->size(); ++i) {
    check_parameter((*list)[i], path + "[" + std::to_string(i) + "]", problems);
  }
}

// {"approved": "sale"}
void check_statuses(const json::value& value, const std::string& path, Problems& problems) {
  const auto* map = value.if_object();
  if (map == nullptr || map->size() > kMaxMappings) return problems.push_back({path, "must map at most 64 words"});
  for (const auto& item : *map) {
    const auto item_path = path + "." + std::string(item.key());
    if (!is_lower_word(item.key())) problems.push_back({item_path, "must be a word in lower case"});
    const bool known = item.value().is_string() &&
                       std::find(kStatuses.begin(), kStatuses.end(), item.value().get_string()) != kStatuses.end();
    if (!known) problems.push_back({item_path, "must be one of unmapped lead sale rejected trash rebill custom"});
  }
}

// {"upsell": "count"}
void check_event_duplicates(const json::value& value, const std::string& path, Problems& problems) {
  const auto* map = value.if_object();
  if (map == nullptr || map->size() > kMaxMappings) return problems.push_back({path, "must map at most 64 events"});
  for (const auto& item : *map) {
    const auto item_path = path + "." + std::string(item.key());
    if (!is_lower_word(item.key())) problems.push_back({item_path, "must be an event in lower case"});
    const bool known = item.value().is_string() && std::find(kDuplicates.begin(), kDuplicates.end(),
                                                             item.value().get_string()) != kDuplicates.end();
    if (!known) problems.push_back({item_path, "must be one of the values of duplicates"});
  }
}

// PostgreSQL reads it as it stands here, so the comma that postbacks may have is refused.
bool is_decimal(const json::value& value) {
  if (!value.is_string()) return false;
  const std::string_view text = value.get_string();
  return text.find(',') == std::string_view::npos && parse_money(text).ok();
}

// {"days": 14, "destination_id": 5, "min_amount": "10", "max_amount": "100", "status": "sale"}
void check_hold_rule(const json::value& value, const std::string& path, Problems& problems) {
  const auto* rule = value.if_object();
  if (rule == nullptr) return problems.push_back({path, "must be an object"});
  const auto whole = [](const json::value& number, std::int64_t least, std::int64_t most) {
    return number.is_int64() && number.get_int64() >= least && number.get_int64() <= most;
  };
  for (const auto& member : *rule) {
    const std::string_view name = member.key();
    const auto& given = member.value();
    const auto wrong = [&](const char* reason) { problems.push_back({path + "." + std::string(name), reason}); };
    if (name == "days") {
      if (!whole(given, 0, 365)) wrong("must be a number from 0 to 365");
    } else if (name == "destination_id") {
      if (!given.is_null() && !whole(given, 1, INT32_MAX)) wrong("must be the id of a destination");
    } else if (name == "min_amount" || name == "max_amount") {
      if (!given.is_null() && !is_decimal(given)) wrong("must be a decimal text such as \"1.25\"");
    } else if (name == "status") {
      if (given != "sale" && given != "rejected") wrong("must be sale or rejected");
    } else {
      wrong("is not known");
    }
  }
  if (!rule->contains("days")) problems.push_back({path + ".days", "is needed"});
}

void check_hold_rules(const json::value& value, const std::string& path, Problems& problems) {
  const auto* list = value.if_array();
  if (list == nullptr || list->size() > kMaxMappings) return problems.push_back({path, "must be a list of at most 64"});
  for (std::size_t i = 0; i < list->size(); ++i) {
    check_hold_rule((*list)[i], path + "[" + std::to_string(i) + "]", problems);
  }
}

}  // namespace

Resource network_resource() {
  Resource resource{.name = "network", .path = "networks", .table = "config.networks"};
  const std::vector<std::string> statuses(kStatuses.begin(), kStatuses.end());
  resource.fields = {
      team_field(),
      name_field(),
      {.name = "key",
       .flags = Field::required,
       .min = 1,
       .max = 64,
       .check = matches("[A-Za-z0-9_-]{1,64}", "letters, digits, _ and -")},
      state_field(),
      postback_auth_field(),
      postback_secret_field(),
      allowed_addresses_field(),
      signature_field(),
      {.name = "envelope", .kind = FieldKind::word, .words = {"none", "awin", "clickbank_ins"}},
      postback_answer_field(),
      {.name = "parameters", .kind = FieldKind::json, .check = check_parameters},
      {.name = "statuses", .kind = FieldKind::json, .check = check_statuses},
      {.name = "default_status", .kind = FieldKind::word, .words = statuses},
      currency_field(),
      {.name = "preset", .flags = Field::nullable | Field::fixed, .min = 1, .max = 64},
      {.name = "earned", .kind = FieldKind::word, .words = {"payout", "revenue"}},
      {.name = "back_to_sale", .kind = FieldKind::boolean},
      {.name = "duplicates", .kind = FieldKind::word, .words = kDuplicates},
      {.name = "event_duplicates", .kind = FieldKind::json, .check = check_event_duplicates},
      {.name = "hold_rules", .kind = FieldKind::json, .check = check_hold_rules},
      {.name = "click_window_s", .kind = FieldKind::integer, .max = 315'360'000},
  };
  resource.filters = {"state", "key", "team_id"};
  resource.published_networks = "SELECT $1::integer";
  resource.complete_new = [](const Context& context, json::object& body) {
    take_preset(context.services.network_presets, body, "/api/v1/network-presets");
  };
  resource.before_insert = resource.before_update = set_allowed_addresses;
  resource.after_write = [](Write& write) {
    create_postback_secret(write, store_network_secret, store_network_hmac_secret);
    require_network_hmac_secret(write);
  };
  return resource;
}

}  // namespace tributary::admin
