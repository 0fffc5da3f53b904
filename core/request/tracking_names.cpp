#include "core/request/tracking_names.h"

#include "core/base/word_table.h"
#include "core/event/event.h"

namespace tributary {
namespace {

constexpr WordEntry<TrackingName> kWords[] = {
    {"utm_source", TrackingName::utm_source},
    {"utm_medium", TrackingName::utm_medium},
    {"utm_campaign", TrackingName::utm_campaign},
    {"utm_content", TrackingName::utm_content},
    {"utm_term", TrackingName::utm_term},
    {"keyword", TrackingName::keyword},
    {"keywords", TrackingName::keyword},
    {"kw", TrackingName::keyword},
    {"cost", TrackingName::cost},
    {"cpc", TrackingName::cost},
    {"click_cost", TrackingName::cost},
    {"currency", TrackingName::currency},
    {"cost_currency", TrackingName::currency},
    // The traffic source's own click id: by our names, by those of other trackers, and as ad platforms append it.
    {"external_id", TrackingName::external_id},
    {"externalid", TrackingName::external_id},
    {"external_click_id", TrackingName::external_id},
    {"ext_id", TrackingName::external_id},
    {"ref_id", TrackingName::external_id},
    {"click_id", TrackingName::external_id},
    {"clickid", TrackingName::external_id},
    {"click-id", TrackingName::external_id},
    {"visitor_id", TrackingName::external_id},
    {"gclid", TrackingName::external_id},
    {"gbraid", TrackingName::external_id},
    {"wbraid", TrackingName::external_id},
    {"fbclid", TrackingName::external_id},
    {"msclkid", TrackingName::external_id},
    {"ttclid", TrackingName::external_id},
    {"twclid", TrackingName::external_id},
    {"yclid", TrackingName::external_id},
    {"sccid", TrackingName::external_id},
    {"epik", TrackingName::external_id},
    {"rdt_cid", TrackingName::external_id},
    {"li_fat_id", TrackingName::external_id},
    {"rb_clickid", TrackingName::external_id},
    {"ob_click_id", TrackingName::external_id},
    {"tblci", TrackingName::external_id},
    // The first sub id is often written without its number.
    {"sub", TrackingName::sub_id},
    {"subid", TrackingName::sub_id},
    {"sub_id", TrackingName::sub_id},
    {"aff_sub", TrackingName::sub_id},
};
constexpr WordTable kNames{kWords};

constexpr WordEntry<bool> kFamilies[] = {
    {"sub", true}, {"subid", true}, {"sub_id", true}, {"aff_sub", true},
    {"s", true},   {"c", true},     {"t", true},      {"var", true},
};
constexpr WordTable kSubIdFamilies{kFamilies};

constexpr std::size_t kLongestName = 20;

}  // namespace

std::uint8_t numbered_sub_id(std::string_view name) noexcept {
  std::size_t digits = 0;
  unsigned number = 0;
  for (unsigned scale = 1; digits < name.size() && ascii::is_digit(name[name.size() - 1 - digits]); scale *= 10) {
    if (digits == 2) {
      return 0;
    }
    number += scale * static_cast<unsigned>(name[name.size() - 1 - digits] - '0');
    ++digits;
  }
  const bool leading_zero = digits > 0 && name[name.size() - digits] == '0';
  if (number == 0 || number > kSubIdCount || leading_zero) {
    return 0;
  }
  name.remove_suffix(digits);
  if (name.ends_with('_')) {
    name.remove_suffix(1);
  }
  return kSubIdFamilies.find(name) != nullptr ? static_cast<std::uint8_t>(number) : std::uint8_t{0};
}

TrackingTarget find_tracking_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kLongestName) {
    return {};
  }
  if (ascii::is_digit(name.back())) {
    const std::uint8_t sub_id = numbered_sub_id(name);
    return sub_id != 0 ? TrackingTarget{TrackingName::sub_id, sub_id} : TrackingTarget{};
  }
  const auto* entry = kNames.find(name);
  if (entry == nullptr) {
    return {};
  }
  return {entry->value, static_cast<std::uint8_t>(entry->value == TrackingName::sub_id ? 1 : 0)};
}

}  // namespace tributary
