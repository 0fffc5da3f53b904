#include "core/request/source_names.h"

#include <algorithm>

#include "core/base/ascii.h"
#include "schema/snapshot_generated.h"

namespace tributary {
namespace {

// Orders `lower`, which is in lower case, and `text` in any case.
int compare(std::string_view lower, std::string_view text) noexcept {
  const std::size_t common = std::min(lower.size(), text.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto a = static_cast<unsigned char>(lower[i]);
    const auto b = static_cast<unsigned char>(ascii::to_lower(text[i]));
    if (a != b) {
      return a < b ? -1 : 1;
    }
  }
  return lower.size() == text.size() ? 0 : (lower.size() < text.size() ? -1 : 1);
}

}  // namespace

TrackingTarget tracking_target(Macro macro) noexcept {
  if (const unsigned sub_id = sub_id_of(macro); sub_id != 0) {
    return {TrackingName::sub_id, static_cast<std::uint8_t>(sub_id)};
  }
  switch (macro) {
    case Macro::external_id: return {TrackingName::external_id};
    case Macro::keyword: return {TrackingName::keyword};
    case Macro::cost: return {TrackingName::cost};
    case Macro::currency: return {TrackingName::currency};
    case Macro::utm_source: return {TrackingName::utm_source};
    case Macro::utm_medium: return {TrackingName::utm_medium};
    case Macro::utm_campaign: return {TrackingName::utm_campaign};
    case Macro::utm_content: return {TrackingName::utm_content};
    case Macro::utm_term: return {TrackingName::utm_term};
    default: return {};
  }
}

TrackingTarget find_source_name(const fbs::Source& source, std::string_view name) noexcept {
  const auto& names = *source.names();
  std::uint32_t first = 0;
  std::uint32_t end = names.size();
  while (first < end) {
    const std::uint32_t middle = first + (end - first) / 2;
    const fbs::SourceName& candidate = *names.Get(middle);
    const int order = compare(candidate.name()->string_view(), name);
    if (order == 0) {
      return tracking_target(static_cast<Macro>(candidate.field()));
    }
    (order < 0 ? first : end) = order < 0 ? middle + 1 : middle;
  }
  return {};
}

}  // namespace tributary
