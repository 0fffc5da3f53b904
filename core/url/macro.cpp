#include "core/url/macro.h"

#include <array>

#include "core/base/word_table.h"
#include "core/request/tracking_names.h"
#include "core/url/conversion_macro.h"
#include "core/url/macro_names.h"

namespace tributary {
namespace {

constexpr WordEntry<Macro> kWords[] = {
    // The canonical name of each macro comes first.
    {"click_id", Macro::click_id},
    {"clickid", Macro::click_id},
    {"subid", Macro::click_id},
    {"cid", Macro::click_id},
    {"transaction_id", Macro::click_id},
    {"ref_id", Macro::click_id},
    {"campaign_id", Macro::campaign_id},
    {"campaignid", Macro::campaign_id},
    {"stream_id", Macro::stream_id},
    {"destination_id", Macro::destination_id},
    {"offer_id", Macro::destination_id},
    {"source_id", Macro::source_id},
    {"traffic_source_id", Macro::source_id},
    {"external_id", Macro::external_id},
    {"externalid", Macro::external_id},
    {"keyword", Macro::keyword},
    {"cost", Macro::cost},
    {"currency", Macro::currency},
    {"utm_source", Macro::utm_source},
    {"utm_medium", Macro::utm_medium},
    {"utm_campaign", Macro::utm_campaign},
    {"utm_content", Macro::utm_content},
    {"utm_term", Macro::utm_term},
    {"ip", Macro::ip},
    {"user_agent", Macro::user_agent},
    {"useragent", Macro::user_agent},
    {"ua", Macro::user_agent},
    {"referrer", Macro::referrer},
    {"referer", Macro::referrer},
    {"language", Macro::language},
    {"lang", Macro::language},
    {"timestamp", Macro::time_s},
    {"time", Macro::time_s},
    {"country", Macro::country},
    {"country_code", Macro::country},
    {"continent", Macro::continent},
    {"region", Macro::region},
    {"city", Macro::city},
    {"isp", Macro::isp},
    {"asn", Macro::asn},
    {"connection_type", Macro::connection_type},
    {"connectiontype", Macro::connection_type},
    {"device_type", Macro::device_type},
    {"device", Macro::device_type},
    {"device_brand", Macro::device_brand},
    {"brand", Macro::device_brand},
    {"device_model", Macro::device_model},
    {"model", Macro::device_model},
    {"os", Macro::os},
    {"os_version", Macro::os_version},
    {"osversion", Macro::os_version},
    {"browser", Macro::browser},
    {"browser_version", Macro::browser_version},
    {"browserversion", Macro::browser_version},
    {"date", Macro::date},
    {"random", Macro::random},
    {"sample", Macro::sample},
    {"lander_click", Macro::lander_click},
    {"lander_id", Macro::lander_id},
    {"sub_id", Macro::sub_id_1},
    {"aff_sub", Macro::sub_id_1},
};
constexpr WordTable<Macro, std::size(kWords), WordCase::exact> kMacros{kWords};

constexpr WordEntry<Macro> kConversionWords[] = {
    {"conversion_id", conversion_macro::kConversionId},
    {"status", conversion_macro::kStatus},
    {"raw_status", conversion_macro::kRawStatus},
    {"payout", conversion_macro::kPayout},
    {"sum", conversion_macro::kPayout},
    {"revenue", conversion_macro::kRevenue},
    {"amount", conversion_macro::kRevenue},
    {"tid", conversion_macro::kTransaction},
    {"txid", conversion_macro::kTransaction},
    {"event", conversion_macro::kEvent},
    {"goal", conversion_macro::kEvent},
    {"conversion_time", conversion_macro::kTime},
    {"idempotency_key", conversion_macro::kIdempotencyKey},
    {"partner_id", conversion_macro::kPartnerId},
    {"affiliate_id", conversion_macro::kPartnerId},
};
constexpr WordTable<Macro, std::size(kConversionWords), WordCase::exact> kConversionMacros{kConversionWords};

constexpr std::array<std::string_view, 30> kSubIdNames = {
    "sub_id_1",  "sub_id_2",  "sub_id_3",  "sub_id_4",  "sub_id_5",  "sub_id_6",  "sub_id_7",  "sub_id_8",
    "sub_id_9",  "sub_id_10", "sub_id_11", "sub_id_12", "sub_id_13", "sub_id_14", "sub_id_15", "sub_id_16",
    "sub_id_17", "sub_id_18", "sub_id_19", "sub_id_20", "sub_id_21", "sub_id_22", "sub_id_23", "sub_id_24",
    "sub_id_25", "sub_id_26", "sub_id_27", "sub_id_28", "sub_id_29", "sub_id_30"};

// Names in capitals and names with other characters ({$x}, {a b}, {"json": 1}) are written by somebody else.
bool could_be_ours(std::string_view name) noexcept {
  bool has_lower = false;
  for (const char c : name) {
    if (!ascii::is_alnum(c) && c != '_') {
      return false;
    }
    has_lower = has_lower || ascii::is_lower(c);
  }
  return has_lower;
}

bool has_upper_case(std::string_view name) noexcept {
  for (const char c : name) {
    if (ascii::is_upper(c)) {
      return true;
    }
  }
  return false;
}

// Whether one insertion, deletion, replacement or swap of neighbours turns one word into the other.
bool one_slip_apart(std::string_view a, std::string_view b) noexcept {
  if (a.size() > b.size()) {
    std::swap(a, b);
  }
  if (b.size() - a.size() > 1) {
    return false;
  }
  std::size_t i = 0;
  while (i < a.size() && a[i] == b[i]) {
    ++i;
  }
  if (b.size() > a.size()) {
    return a.substr(i) == b.substr(i + 1);
  }
  const bool swapped = i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] && a.substr(i + 2) == b.substr(i + 2);
  return swapped || (i < a.size() && a.substr(i + 1) == b.substr(i + 1));
}

// The canonical one.
template <typename Entries>
std::string_view word_of(Macro macro, const Entries& entries) noexcept {
  for (const auto& entry : entries) {
    if (entry.value == macro) {
      return entry.word;
    }
  }
  return {};
}

template <typename Entries>
std::string_view similar_word(std::string_view name, const Entries& entries) noexcept {
  constexpr std::size_t kShortest = 5;  // shorter names are one slip from too many words
  if (!could_be_ours(name)) {
    return {};
  }
  for (const auto& entry : entries) {
    const bool only_case_differs = ascii::equal_ignoring_case(entry.word, name);
    if (only_case_differs || (name.size() >= kShortest && one_slip_apart(entry.word, name))) {
      return entry.word;
    }
  }
  return {};
}

}  // namespace

std::optional<Macro> find_macro(std::string_view name) noexcept {
  if (const auto* entry = kMacros.find(name)) {
    return entry->value;
  }
  const std::uint8_t sub_id = has_upper_case(name) ? std::uint8_t{0} : numbered_sub_id(name);
  if (sub_id == 0) {
    return std::nullopt;
  }
  return sub_id_macro(sub_id);
}

std::string_view macro_name(Macro macro) noexcept {
  if (const unsigned sub_id = sub_id_of(macro); sub_id != 0) {
    return kSubIdNames[sub_id - 1];
  }
  return word_of(macro, kMacros.entries());
}

std::string_view similar_macro_name(std::string_view name) noexcept {
  return similar_word(name, kMacros.entries());
}

std::optional<Macro> conversion_macro::find(std::string_view name) noexcept {
  const auto* entry = kConversionMacros.find(name);
  return entry != nullptr ? entry->value : find_macro(name);
}

std::string_view conversion_macro::name(Macro macro) noexcept {
  const auto word = macro_name(macro);
  return word.empty() ? word_of(macro, kConversionMacros.entries()) : word;
}

std::string_view conversion_macro::similar(std::string_view name) noexcept {
  const auto word = similar_macro_name(name);
  return word.empty() ? similar_word(name, kConversionMacros.entries()) : word;
}

}  // namespace tributary
