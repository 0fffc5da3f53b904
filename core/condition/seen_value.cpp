#include "core/condition/seen_value.h"

#include <algorithm>
#include <cstdio>

#include "core/base/ascii.h"
#include "core/condition/kinds.h"
#include "core/condition/search_engine.h"
#include "core/condition/version.h"
#include "core/time_zone/local_time.h"

namespace tributary {
namespace {

void see_text(SeenValue& value, std::string_view text) noexcept {
  value.text = text;
  value.known = !text.empty();
}

void see_number(SeenValue& value, std::uint64_t number) noexcept {
  value.number = number;
  value.has_number = true;
  value.known = true;
}

void see_version(SeenValue& value, std::string_view text) noexcept {
  see_text(value, text);
  if (const auto number = version_number(text)) {
    see_number(value, *number);
  }
}

void see_address(SeenValue& value, AddressBytes bytes) noexcept {
  if (const auto address = address_number(bytes)) {
    value.address = *address;
    see_number(value, static_cast<std::uint64_t>(address->number));
  }
}

// "KZ-75", and "75" where the data has a country.
void see_region(SeenValue& value, const Place& place) noexcept {
  const std::size_t length = place.country.size() + 1 + place.region.size();
  if (place.country.empty() || place.region.empty() || length > value.buffer.size()) {
    return see_text(value, place.region);
  }
  char* end = std::copy(place.country.begin(), place.country.end(), value.buffer.data());
  *end++ = '-';
  std::copy(place.region.begin(), place.region.end(), end);
  see_text(value, {value.buffer.data(), length});
  value.broader_text = place.region;
}

// The language that Accept-Language names first, and without its country.
void see_language(SeenValue& value, std::string_view accept_language) noexcept {
  const std::string_view first = ascii::trim(accept_language.substr(0, accept_language.find_first_of(",;")));
  if (first != "*") {
    see_text(value, first);
    const std::string_view primary = first.substr(0, first.find_first_of("-_"));
    value.broader_text = primary.size() < first.size() ? primary : std::string_view();
  }
}

void see_parameter(SeenValue& value, std::span<const QueryParameter> query, std::string_view name) noexcept {
  const auto found = std::find_if(query.begin(), query.end(), [&](const QueryParameter& parameter) {
    return ascii::equal_ignoring_case(parameter.name, name);
  });
  if (found != query.end()) {
    see_text(value, found->decoded ? found->value : decode_component(found->value, value.buffer));
  }
}

void see_device(SeenValue& value, DeviceType device) noexcept {
  value.text = device_type_name(device);
  see_number(value, static_cast<std::uint64_t>(device));
  value.known = device != DeviceType::unknown;
}

bool is_bot(ConditionContext& context) noexcept {
  return (context.visitor.visit().labels & kLabelBot) != 0 || context.visitor.agent().bot;
}

std::string_view argument_of(const fbs::Condition& condition) noexcept {
  const auto* argument = condition.argument();
  return argument == nullptr ? std::string_view() : std::string_view(argument->data(), argument->size());
}

void see_place(ConditionKind kind, const Place& place, SeenValue& value) noexcept {
  switch (kind) {
    case ConditionKind::country: return see_text(value, place.country);
    case ConditionKind::region: return see_region(value, place);
    case ConditionKind::city: return see_text(value, place.city);
    case ConditionKind::continent: return see_text(value, place.continent);
    case ConditionKind::isp: return see_text(value, place.isp);
    case ConditionKind::connection: return see_text(value, place.connection);
    case ConditionKind::asn: return place.asn == 0 ? void() : see_number(value, place.asn);
    default: return;
  }
}

void see_agent(ConditionKind kind, const Agent& agent, SeenValue& value) noexcept {
  switch (kind) {
    case ConditionKind::device: return see_device(value, agent.device);
    case ConditionKind::brand: return see_text(value, agent.brand);
    case ConditionKind::model: return see_text(value, agent.model);
    case ConditionKind::os: return see_text(value, agent.os);
    case ConditionKind::os_version: return see_version(value, agent.os_version);
    case ConditionKind::browser: return see_text(value, agent.browser);
    case ConditionKind::browser_version: return see_version(value, agent.browser_version);
    default: return;
  }
}

void see_visit(ConditionKind kind, const Visit& visit, SeenValue& value) noexcept {
  switch (kind) {
    case ConditionKind::ip: return see_address(value, visit.address);
    case ConditionKind::ip_version: {
      const auto address = address_number(visit.address);
      return address ? see_number(value, address->is_v4 ? 4 : 6) : void();
    }
    case ConditionKind::language: return see_language(value, visit.language);
    case ConditionKind::user_agent: return see_text(value, visit.user_agent);
    case ConditionKind::referrer: return see_text(value, visit.referrer);
    case ConditionKind::search_engine: return see_text(value, search_engine_of(visit.referrer));
    case ConditionKind::host: return see_text(value, visit.host);
    case ConditionKind::query: return see_text(value, visit.query);
    case ConditionKind::prefetch: return see_number(value, (visit.labels & kLabelPrefetch) != 0);
    default: return;
  }
}

void see_tracking(const fbs::Condition& condition, const Tracking& tracking, SeenValue& value) noexcept {
  switch (static_cast<ConditionKind>(condition.kind())) {
    case ConditionKind::keyword: return see_text(value, tracking.keyword);
    case ConditionKind::external_id: return see_text(value, tracking.external_id);
    case ConditionKind::utm_source: return see_text(value, tracking.utm_source);
    case ConditionKind::utm_medium: return see_text(value, tracking.utm_medium);
    case ConditionKind::utm_campaign: return see_text(value, tracking.utm_campaign);
    case ConditionKind::utm_content: return see_text(value, tracking.utm_content);
    case ConditionKind::utm_term: return see_text(value, tracking.utm_term);
    case ConditionKind::sub_id: return see_text(value, tracking.sub_ids[condition.number() - 1u]);
    default: return;
  }
}

void see_clock(ConditionKind kind, const LocalTime& now, SeenValue& value) noexcept {
  switch (kind) {
    case ConditionKind::weekday: return see_number(value, weekday_of(now.day()));
    case ConditionKind::time_of_day: return see_number(value, now.second_of_day());
    default: return see_number(value, static_cast<std::uint64_t>(std::max<std::int64_t>(now.seconds, 0)));
  }
}

std::string clock_text(std::uint64_t second_of_day) {
  char text[16];
  const auto second = static_cast<unsigned>(second_of_day);
  std::snprintf(text, sizeof(text), "%02u:%02u:%02u", second / 3600 % 100, second / 60 % 60, second % 60);
  return text;
}

std::string moment_text(std::uint64_t seconds) {
  const auto day = static_cast<std::int64_t>(seconds / kSecondsPerDay);
  return day_text(day) + " " + clock_text(seconds % kSecondsPerDay);
}

}  // namespace

void read_value(const fbs::Condition& condition, ConditionContext& context, SeenValue& value) noexcept {
  using Kind = ConditionKind;
  const auto kind = static_cast<Kind>(condition.kind());
  switch (kind) {
    case Kind::country:
    case Kind::region:
    case Kind::city:
    case Kind::continent:
    case Kind::isp:
    case Kind::asn:
    case Kind::connection: return see_place(kind, context.visitor.place(), value);
    case Kind::device:
    case Kind::brand:
    case Kind::model:
    case Kind::os:
    case Kind::os_version:
    case Kind::browser:
    case Kind::browser_version: return see_agent(kind, context.visitor.agent(), value);
    case Kind::bot: return see_number(value, is_bot(context));
    case Kind::parameter: return see_parameter(value, context.visitor.query(), argument_of(condition));
    case Kind::header: return see_text(value, context.visitor.header(argument_of(condition)).value_or(""));
    case Kind::x_requested_with: return see_text(value, context.visitor.header("x-requested-with").value_or(""));
    case Kind::weekday:
    case Kind::time_of_day:
    case Kind::date: return see_clock(kind, local_time(condition.zone(), context.now_ms), value);
    case Kind::unique: {
      const auto unique = context.state.unique(static_cast<UniqueFlag>(condition.number()));
      return unique ? see_number(value, *unique) : void();
    }
    case Kind::keyword:
    case Kind::sub_id:
    case Kind::external_id:
    case Kind::utm_source:
    case Kind::utm_medium:
    case Kind::utm_campaign:
    case Kind::utm_content:
    case Kind::utm_term: return see_tracking(condition, context.visitor.tracking(), value);
    default: return see_visit(kind, context.visitor.visit(), value);
  }
}

std::string describe(const fbs::Condition& condition, const SeenValue& value) {
  const ConditionKindInfo* kind = find_condition_kind(condition.kind());
  if (!value.known || kind == nullptr) {
    return {};
  }
  switch (kind->form) {
    case ValueForm::boolean: return value.number != 0 ? "true" : "false";
    case ValueForm::number:
    case ValueForm::ip_version: return std::to_string(value.number);
    case ValueForm::address: return address_text(value.address);
    case ValueForm::weekday: return std::string(weekday_name(static_cast<unsigned>(value.number)));
    case ValueForm::clock: return clock_text(value.number);
    case ValueForm::moment: return moment_text(value.number);
    default: return std::string(value.text);
  }
}

}  // namespace tributary
