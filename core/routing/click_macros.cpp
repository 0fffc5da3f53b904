#include "core/routing/click_macros.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

#include "core/money/money.h"
#include "core/url/macro_argument.h"
#include "schema/snapshot_generated.h"

namespace tributary {

std::string_view ClickMacros::number(std::uint64_t n) noexcept {
  if (n == 0) {
    return {};
  }
  const auto end = std::to_chars(buffer_.data(), buffer_.data() + buffer_.size(), n).ptr;
  return {buffer_.data(), static_cast<std::size_t>(end - buffer_.data())};
}

std::string_view ClickMacros::cost_text(std::int64_t micros) noexcept {
  return micros == 0 ? std::string_view{} : format_money(micros, std::span(buffer_).first<32>());
}

std::string_view ClickMacros::address_text() noexcept {
  const AddressBytes address = visitor_.visit().address;
  if (address.size() != 4 && address.size() != 16) {
    return {};
  }
  const int family = address.size() == 4 ? AF_INET : AF_INET6;
  const char* text = ::inet_ntop(family, address.data(), buffer_.data(), static_cast<socklen_t>(buffer_.size()));
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

std::string_view ClickMacros::place_value(Macro macro) noexcept {
  const Place& place = visitor_.place();
  switch (macro) {
    case Macro::country: return place.country;
    case Macro::continent: return place.continent;
    case Macro::region: return place.region;
    case Macro::city: return place.city;
    case Macro::isp: return place.isp;
    case Macro::asn: return number(place.asn);
    default: return place.connection;
  }
}

std::string_view ClickMacros::agent_value(Macro macro) noexcept {
  const Agent& agent = visitor_.agent();
  switch (macro) {
    case Macro::device_type: return device_type_name(agent.device);
    case Macro::device_brand: return agent.brand;
    case Macro::device_model: return agent.model;
    case Macro::os: return agent.os;
    case Macro::os_version: return agent.os_version;
    case Macro::browser: return agent.browser;
    default: return agent.browser_version;
  }
}

std::string_view ClickMacros::tracking_value(Macro macro) noexcept {
  const Tracking& tracking = visitor_.tracking();
  switch (macro) {
    case Macro::external_id: return tracking.external_id;
    case Macro::keyword: return tracking.keyword;
    case Macro::cost: return cost_text(tracking.cost_micros);
    case Macro::currency: return tracking.currency;
    case Macro::utm_source: return tracking.utm_source;
    case Macro::utm_medium: return tracking.utm_medium;
    case Macro::utm_campaign: return tracking.utm_campaign;
    case Macro::utm_content: return tracking.utm_content;
    default: return tracking.utm_term;
  }
}

std::string_view ClickMacros::value(Macro macro) noexcept {
  if (const unsigned sub_id = sub_id_of(macro); sub_id != 0) return visitor_.sub_id(sub_id);
  switch (macro) {
    case Macro::click_id: return ids_.click_id;
    case Macro::campaign_id: return number(ids_.campaign);
    case Macro::stream_id: return number(ids_.stream);
    case Macro::destination_id: return number(ids_.destination);
    case Macro::source_id: return number(ids_.source);
    case Macro::lander_id: return number(ids_.lander);
    case Macro::lander_click: return ids_.lander_click;
    case Macro::external_id:
    case Macro::keyword:
    case Macro::cost:
    case Macro::currency:
    case Macro::utm_source:
    case Macro::utm_medium:
    case Macro::utm_campaign:
    case Macro::utm_content:
    case Macro::utm_term: return tracking_value(macro);
    case Macro::ip: return address_text();
    case Macro::user_agent: return visitor_.visit().user_agent;
    case Macro::referrer: return visitor_.visit().referrer;
    case Macro::language: return visitor_.visit().language;
    case Macro::time_s: return number(now_ms_ / 1000);
    case Macro::country:
    case Macro::continent:
    case Macro::region:
    case Macro::city:
    case Macro::isp:
    case Macro::asn:
    case Macro::connection_type: return place_value(macro);
    case Macro::device_type:
    case Macro::device_brand:
    case Macro::device_model:
    case Macro::os:
    case Macro::os_version:
    case Macro::browser:
    case Macro::browser_version: return agent_value(macro);
    default: return {};
  }
}

std::string_view ClickMacros::computed(const MacroCall& call) noexcept {
  if (call.macro == Macro::sample) {
    return choose_sample(call.argument, random_.next());
  }
  if (call.macro == Macro::date) {
    const fbs::Zone* zone = call.zone == 0 || url_ == nullptr ? nullptr : url_->zones()->Get(call.zone - 1);
    return format_date(call.argument, zone, now_ms_, buffer_);
  }
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  if (call.macro != Macro::random || !parse_random_range(call.argument, from, to)) {
    return {};
  }
  const auto above = static_cast<std::uint64_t>(static_cast<unsigned __int128>(random_.next()) * (to - from + 1) >> 64);
  const auto end = std::to_chars(buffer_.data(), buffer_.data() + buffer_.size(), from + above).ptr;
  return {buffer_.data(), static_cast<std::size_t>(end - buffer_.data())};
}

std::size_t render_url(const fbs::UrlTemplate& url, ClickMacros& macros, std::span<char> out) noexcept {
  macros.url_ = &url;
  const auto* parts = reinterpret_cast<const TemplatePart*>(url.parts()->Data());
  return render_template(url.text()->string_view(), {parts, url.parts()->size()}, macros, out);
}

}  // namespace tributary
