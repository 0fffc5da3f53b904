#include <algorithm>

#include "admin-api/json/strict_json.h"
#include "admin-api/outbound/outbound_routes.h"
#include "admin-api/resources/crud.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/resources/status_range.h"
#include "core/base/ascii.h"
#include "core/event/event.h"
#include "core/url/postback_template.h"

// Postbacks that we send: what, to whom, about which conversions.
namespace tributary::admin {
namespace {

namespace json = boost::json;
using Problems = std::vector<FieldProblem>;

constexpr std::size_t kMaxEvents = 64;
constexpr std::size_t kMaxHeaders = 16;
constexpr std::size_t kMaxHeaderValue = 1024;

std::string_view view(const json::value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

void check_url_template(const json::value& value, const std::string& path, Problems& problems) {
  const auto compiled = compile_postback(view(value), PostbackPart::url);
  if (!compiled) problems.push_back({path, compiled.error().reason});
}

bool is_status(const json::value& value) {
  if (!value.is_string()) return false;
  for (auto status = ConversionStatus::unmapped; status <= ConversionStatus::custom;
       status = static_cast<ConversionStatus>(static_cast<int>(status) + 1)) {
    if (conversion_status_name(status) == view(value)) return true;
  }
  return false;
}

void check_statuses(const json::value& value, const std::string& path, Problems& problems) {
  const auto* list = value.if_array();
  if (list == nullptr || list->empty() || list->size() > 7 || !std::all_of(list->begin(), list->end(), is_status)) {
    problems.push_back({path, "must be a list of unmapped lead sale rejected trash rebill custom"});
  }
}

void check_events(const json::value& value, const std::string& path, Problems& problems) {
  const auto is_name = [](const json::value& name) {
    return name.is_string() && !name.get_string().empty() && name.get_string().size() <= 128;
  };
  const auto* list = value.if_array();
  if (list == nullptr || list->size() > kMaxEvents || !std::all_of(list->begin(), list->end(), is_name)) {
    problems.push_back({path, "must be a list of at most 64 names of events; empty: all"});
  }
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view kOurs[] = {"host",       "content-length", "content-type", "transfer-encoding",
                                        "connection", "expect",         "upgrade",      "idempotency-key"};
  const bool token = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return ascii::is_alnum(c) || c == '-' || c == '_';
  });
  return token && std::none_of(std::begin(kOurs), std::end(kOurs),
                               [&](std::string_view ours) { return ascii::equal_ignoring_case(ours, name); });
}

bool is_header_value(const json::value& value) {
  return value.is_string() && !value.get_string().empty() && value.get_string().size() <= kMaxHeaderValue &&
         std::all_of(value.get_string().begin(), value.get_string().end(),
                     [](char c) { return c >= 0x20 && c < 0x7f; });
}

// {"Authorization": "Bearer ..."}: as they are, without macros, so that no value of a visitor comes near them.
void check_headers(const json::value& value, const std::string& path, Problems& problems) {
  const auto* map = value.if_object();
  if (map == nullptr || map->size() > kMaxHeaders) {
    return problems.push_back({path, "must be an object of at most 16 headers"});
  }
  for (const auto& item : *map) {
    const auto item_path = path + "." + std::string(item.key());
    if (!is_header_name(item.key())) problems.push_back({item_path, "is not a header that can be set"});
    if (!is_header_value(item.value())) problems.push_back({item_path, "must be a text of 1 to 1024 visible ASCII"});
  }
}

// How the peer is doing, as the senders say.
Field peer_field(const std::string& name, const std::string& column) {
  return {.name = name,
          .flags = Field::read_only,
          .select = "(SELECT " + column + " FROM events.known_outbound_templates AS k WHERE k.template = t.id)"};
}

constexpr const char* kSelectBody = R"sql(
SELECT method, coalesce(body, ''), coalesce(content_type, '')
FROM config.outbound_templates WHERE id = $1::integer)sql";

// With a value that fits wherever a macro may stand.
class SampleValues final : public MacroSource {
 public:
  std::string_view value(Macro) noexcept override { return "1"; }
};

void require_json(const CompiledTemplate& body) {
  SampleValues values;
  try {
    parse_strict(render_json(body.text, body.parts, values));
  } catch (const JsonError& error) {
    throw invalid_field("body", std::string("is no JSON once its macros are filled in: ") + error.what());
  }
}

// Method, body and its type belong together, whichever of them a change names.
void require_fitting_body(Write& write) {
  const auto row = write.transaction.execute(kSelectBody, Params().untyped(write.id));
  const auto body = row.text(0, 1);
  const auto type = row.text(0, 2);
  if (row.text(0, 0) != "POST") {
    if (!body.empty() || !type.empty()) throw invalid_field("method", "must be POST where there is a body");
    return;
  }
  if (body.empty() || type.empty()) throw invalid_field("body", "and content_type are what a POST needs");
  const auto part = type == "application/json" ? PostbackPart::json : PostbackPart::form;
  const auto compiled = compile_postback(body, part);
  if (!compiled) throw invalid_field("body", compiled.error().reason);
  if (part == PostbackPart::json) require_json(*compiled);
}

Resource outbound_template_resource() {
  Resource resource{.name = "outbound_template", .path = "outbound-templates", .table = "config.outbound_templates"};
  resource.fields = {
      team_field(),
      name_field(),
      state_field(),
      id_field("source_id"),
      id_field("campaign_id"),
      id_field("partner_id"),
      {.name = "method", .kind = FieldKind::word, .words = {"GET", "POST"}},
      {.name = "url", .flags = Field::required, .min = 1, .max = 8192, .check = check_url_template},
      {.name = "body", .flags = Field::nullable, .min = 1, .max = 8192},
      {.name = "content_type",
       .kind = FieldKind::word,
       .flags = Field::nullable,
       .words = {"application/x-www-form-urlencoded", "application/json"}},
      {.name = "headers", .kind = FieldKind::json, .check = check_headers},
      {.name = "statuses", .kind = FieldKind::json, .check = check_statuses},
      {.name = "events", .kind = FieldKind::json, .check = check_events},
      {.name = "share_percent", .kind = FieldKind::integer, .max = 100},
      {.name = "payout_percent", .kind = FieldKind::integer, .max = 100},
      status_range_field("success_status"),
      {.name = "success_substring", .flags = Field::nullable, .min = 1, .max = 200},
      peer_field("failures", "k.failures"),
      peer_field("paused_until", "config.utc_text(k.paused_until)"),
      peer_field("paused_reason", "k.paused_reason"),
  };
  resource.filters = {"state", "source_id", "campaign_id", "partner_id", "team_id"};
  resource.after_write = require_fitting_body;
  return resource;
}

}  // namespace

void add_outbound_template_routes(Routes& routes) {
  add_crud_routes(routes, outbound_template_resource());
}

}  // namespace tributary::admin
