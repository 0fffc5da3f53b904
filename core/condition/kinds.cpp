#include "core/condition/kinds.h"

#include <array>

namespace tributary {
namespace {

using Kind = ConditionKind;
using Form = ValueForm;
using Argument = ConditionArgument;

constexpr std::array<ConditionKindInfo, kConditionKinds> kKinds = {{
    {Kind::country, "country", Form::code, Argument::none, "KZ"},
    {Kind::region, "region", Form::text, Argument::none, "KZ-75"},
    {Kind::city, "city", Form::text, Argument::none, "Almaty"},
    {Kind::continent, "continent", Form::code, Argument::none, "AS"},
    {Kind::isp, "isp", Form::text, Argument::none, "Beeline*"},
    {Kind::asn, "asn", Form::number, Argument::none, "AS15169"},
    {Kind::connection, "connection", Form::text, Argument::none, "cellular"},
    {Kind::ip, "ip", Form::address, Argument::none, "192.0.2.0/24"},
    {Kind::ip_version, "ip_version", Form::ip_version, Argument::none, "6"},
    {Kind::language, "language", Form::text, Argument::none, "en"},
    {Kind::user_agent, "user_agent", Form::long_text, Argument::none, "Instagram"},
    {Kind::device, "device", Form::device, Argument::none, "phone"},
    {Kind::brand, "brand", Form::text, Argument::none, "Samsung"},
    {Kind::model, "model", Form::text, Argument::none, "SM-A*"},
    {Kind::os, "os", Form::text, Argument::none, "Android"},
    {Kind::os_version, "os_version", Form::version, Argument::none, ">=15"},
    {Kind::browser, "browser", Form::text, Argument::none, "Chrome*"},
    {Kind::browser_version, "browser_version", Form::version, Argument::none, "100-120"},
    {Kind::bot, "bot", Form::boolean, Argument::none, "true"},
    {Kind::prefetch, "prefetch", Form::boolean, Argument::none, "true"},
    {Kind::referrer, "referrer", Form::long_text, Argument::none, "facebook.com"},
    {Kind::search_engine, "search_engine", Form::text, Argument::none, "google"},
    {Kind::keyword, "keyword", Form::text, Argument::none, "buy shoes"},
    {Kind::parameter, "parameter", Form::text, Argument::parameter, "12"},
    {Kind::sub_id, "sub_id", Form::text, Argument::sub_id, "a*"},
    {Kind::external_id, "external_id", Form::text, Argument::none, "x1"},
    {Kind::utm_source, "utm_source", Form::text, Argument::none, "google"},
    {Kind::utm_medium, "utm_medium", Form::text, Argument::none, "cpc"},
    {Kind::utm_campaign, "utm_campaign", Form::text, Argument::none, "spring*"},
    {Kind::utm_content, "utm_content", Form::text, Argument::none, "banner?"},
    {Kind::utm_term, "utm_term", Form::text, Argument::none, "shoes"},
    {Kind::header, "header", Form::text, Argument::header, "1"},
    {Kind::x_requested_with, "x_requested_with", Form::text, Argument::none, "com.facebook.*"},
    {Kind::host, "host", Form::text, Argument::none, "*.track.example"},
    {Kind::query, "query", Form::long_text, Argument::none, "gclid="},
    {Kind::weekday, "weekday", Form::weekday, Argument::zone, "mon-fri"},
    {Kind::time_of_day, "time_of_day", Form::clock, Argument::zone, "08:00-20:00"},
    {Kind::date, "date", Form::moment, Argument::zone, "2026-12-24..2026-12-26"},
    {Kind::unique, "unique", Form::boolean, Argument::scope, "true"},
    {Kind::click_limit, "click_limit", Form::limit, Argument::period, "1000"},
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
