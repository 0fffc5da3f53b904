#include "ngx_module/text/click_values.h"

#include <charconv>

#include "core/money/money.h"

namespace tributary {

std::string_view ClickValues::number(std::uint64_t n) noexcept {
  if (n == 0) return {};
  const auto end = std::to_chars(buffer_.data(), buffer_.data() + buffer_.size(), n).ptr;
  return {buffer_.data(), static_cast<std::size_t>(end - buffer_.data())};
}

std::string_view ClickValues::value(Macro macro) noexcept {
  if (macro >= Macro::sub_id_1 && macro <= Macro::sub_id_30) {
    return tracking_.sub_ids[static_cast<std::size_t>(macro) - static_cast<std::size_t>(Macro::sub_id_1)];
  }
  switch (macro) {
    case Macro::click_id: return ids_.click_id;
    case Macro::campaign_id: return number(ids_.campaign);
    case Macro::stream_id: return number(ids_.stream);
    case Macro::destination_id: return number(ids_.destination);
    case Macro::source_id: return number(ids_.source);
    case Macro::external_id: return tracking_.external_id;
    case Macro::keyword: return tracking_.keyword;
    case Macro::cost:
      return tracking_.cost_micros == 0 ? std::string_view{} : format_money(tracking_.cost_micros, buffer_);
    case Macro::currency: return tracking_.currency;
    case Macro::utm_source: return tracking_.utm_source;
    case Macro::utm_medium: return tracking_.utm_medium;
    case Macro::utm_campaign: return tracking_.utm_campaign;
    case Macro::utm_content: return tracking_.utm_content;
    case Macro::utm_term: return tracking_.utm_term;
    case Macro::ip: return address_text_;
    case Macro::user_agent: return visit_.user_agent;
    case Macro::referrer: return visit_.referrer;
    case Macro::language: return visit_.language;
    case Macro::time_s: return number(now_ms_ / 1000);
    default: return {};
  }
}

}  // namespace tributary
