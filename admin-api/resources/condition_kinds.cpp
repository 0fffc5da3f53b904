#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "admin-api/api/route.h"
#include "core/condition/kinds.h"

// What an editor of conditions needs to know of every kind.
namespace tributary::admin {
namespace {

namespace json = boost::json;

struct Syntax {
  std::string_view name;
  std::string_view text;
  std::string_view example = {};
};

Syntax argument_syntax(ConditionArgument argument) {
  switch (argument) {
    case ConditionArgument::none: return {"none", ""};
    case ConditionArgument::parameter: return {"parameter", "name of a parameter of the query", "zone"};
    case ConditionArgument::header: return {"header", "name of a header", "DNT"};
    case ConditionArgument::sub_id: return {"sub_id", "number of a sub id, 1 to 30", "7"};
    case ConditionArgument::scope: return {"scope", "campaign, stream or global", "campaign"};
    case ConditionArgument::zone: return {"zone", "IANA name of a time zone; empty: UTC", "Asia/Almaty"};
    case ConditionArgument::period:
      return {"period", "hour, day, week, month or total, then perhaps a time zone", "day Asia/Almaty"};
  }
  return {};
}

Syntax value_syntax(ValueForm form) {
  switch (form) {
    case ValueForm::text: return {"text", "the whole value, a mask with * and ?, or a regular expression /.../"};
    case ValueForm::long_text:
      return {"long_text", "a part of the value, a mask with * and ?, or a regular expression /.../"};
    case ValueForm::code: return {"code", "two letters"};
    case ValueForm::version: return {"version", "15, 10-12.4, >=15, <90, or a name"};
    case ValueForm::number: return {"number", "a number or a range: 15169, 64512-65534"};
    case ValueForm::address:
      return {"address", "an address, a network or a range: 192.0.2.1, 192.0.2.0/24, 2001:db8::/32"};
    case ValueForm::ip_version: return {"ip_version", "4 or 6"};
    case ValueForm::device: return {"device", "desktop, phone, tablet, tv, console or wearable"};
    case ValueForm::boolean: return {"boolean", "true or false; no value means true"};
    case ValueForm::weekday: return {"weekday", "mon to sun, 1 (Monday) to 7, or a range: mon-fri"};
    case ValueForm::clock: return {"clock", "from-to, also over midnight: 08:00-20:00, 22:00-06:00"};
    case ValueForm::moment:
      return {"moment", "a day, or from..to with either end open: 2026-12-24, 2027-01-01T08:00.."};
    case ValueForm::limit: return {"limit", "one number: fewer clicks than that in the period"};
  }
  return {};
}

json::object describe(const ConditionKindInfo& kind) {
  const auto argument = argument_syntax(kind.argument);
  const auto value = value_syntax(kind.form);
  json::object example{{"kind", kind.name},
                       {"negated", false},
                       {"argument", argument.example},
                       {"accepted", json::array{json::string(kind.example)}}};
  return {{"kind", kind.name},
          {"argument", argument.name},
          {"argument_syntax", argument.text},
          {"value", value.name},
          {"value_syntax", value.text},
          {"can_be_negated", kind.form != ValueForm::limit},
          {"example", std::move(example)}};
}

http::Response list_condition_kinds(Context&) {
  json::array kinds;
  for (const auto& kind : condition_kinds()) kinds.push_back(describe(kind));
  return http::json_response(200, json::serialize(json::object{{"data", std::move(kinds)}}));
}

}  // namespace

void add_condition_kind_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/conditions", Access::signed_in, list_condition_kinds});
}

}  // namespace tributary::admin
