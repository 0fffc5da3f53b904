#include "core/condition/kinds.h"

#include <array>

namespace tributary {
namespace {

using Kind = ConditionKind;
using Form = ValueForm;
using Argument = ConditionArgument;

constexpr std::array<ConditionKindInfo, kConditionKinds> kKinds = {{
    {Kind::country, "country", Form::code, Argument::none},
    {Kind::region, "region", Form::text, Argument::none},
    {Kind::city, "city", Form::text, Argument::none},
    {Kind::continent, "continent", Form::code, Argument::none},
    {Kind::isp, "isp", Form::text, Argument::none},
    {Kind::asn, "asn", Form::number, Argument::none},
    {Kind::connection, "connection", Form::text, Argument::none},
    {Kind::ip, "ip", Form::address, Argument::none},
    {Kind::ip_version, "ip_version", Form::ip_version, Argument::none},
    {Kind::language, "language", Form::text, Argument::none},
    {Kind::user_agent, "user_agent", Form::long_text, Argument::none},
    {Kind::device, "device", Form::device, Argument::none},
    {Kind::brand, "brand", Form::text, Argument::none},
    {Kind::model, "model", Form::text, Argument::none},
    {Kind::os, "os", Form::text, Argument::none},
    {Kind::os_version, "os_version", Form::version, Argument::none},
    {Kind::browser, "browser", Form::text, Argument::none},
    {Kind::browser_version, "browser_version", Form::version, Argument::none},
    {Kind::bot, "bot", Form::boolean, Argument::none},
    {Kind::prefetch, "prefetch", Form::boolean, Argument::none},
    {Kind::referrer, "referrer", Form::long_text, Argument::none},
    {Kind::search_engine, "search_engine", Form::text, Argument::none},
    {Kind::keyword, "keyword", Form::text, Argument::none},
    {Kind::parameter, "parameter", Form::text, Argument::parameter},
    {Kind::sub_id, "sub_id", Form::text, Argument::sub_id},
    {Kind::external_id, "external_id", Form::text, Argument::none},
    {Kind::utm_source, "utm_source", Form::text, Argument::none},
    {Kind::utm_medium, "utm_medium", Form::text, Argument::none},
    {Kind::utm_campaign, "utm_campaign", Form::text, Argument::none},
    {Kind::utm_content, "utm_content", Form::text, Argument::none},
    {Kind::utm_term, "utm_term", Form::text, Argument::none},
    {Kind::header, "header", Form::text, Argument::header},
    {Kind::x_requested_with, "x_requested_with", Form::text, Argument::none},
    {Kind::host, "host", Form::text, Argument::none},
    {Kind::query, "query", Form::long_text, Argument::none},
    {Kind::weekday, "weekday", Form::weekday, Argument::zone},
    {Kind::time_of_day, "time_of_day", Form::clock, Argument::zone},
    {Kind::date, "date", Form::moment, Argument::zone},
    {Kind::unique, "unique", Form::boolean, Argument::scope},
    {Kind::click_limit, "click_limit", Form::limit, Argument::period},
}};

consteval bool in_order() {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (static_cast<std::size_t>(kKinds[i].kind) != i + 1) {
      return false;
    }
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const ConditionKindInfo> condition_kinds() noexcept {
  return kKinds;
}

const ConditionKindInfo* find_condition_kind(std::string_view name) noexcept {
  for (const ConditionKindInfo& info : kKinds) {
    if (info.name == name) {
      return &info;
    }
  }
  return nullptr;
}

const ConditionKindInfo* find_condition_kind(std::uint8_t number) noexcept {
  return number >= 1 && number <= kKinds.size() ? &kKinds[number - 1u] : nullptr;
}

}  // namespace tributary
