#include "core/request/tracking_parser.h"

#include <algorithm>

#include "core/base/utf8.h"
#include "core/money/money.h"
#include "core/request/source_names.h"
#include "core/request/tracking_names.h"
#include "core/request/unexpanded_macro.h"

namespace tributary {
namespace {

class TrackingParser {
 public:
  TrackingParser(Tracking& tracking, Arena& arena) noexcept : tracking_(tracking), arena_(arena) {}

  void take(const QueryParameter& parameter) noexcept { take(parameter, find_tracking_name(parameter.name)); }

  void take(const QueryParameter& parameter, TrackingTarget target) noexcept {
    if (target.name == TrackingName::none || parameter.value.empty()) {
      return;
    }
    switch (target.name) {
      case TrackingName::sub_id: text(tracking_.sub_ids[target.sub_id - 1u], parameter); break;
      case TrackingName::utm_source: text(tracking_.utm_source, parameter); break;
      case TrackingName::utm_medium: text(tracking_.utm_medium, parameter); break;
      case TrackingName::utm_campaign: text(tracking_.utm_campaign, parameter); break;
      case TrackingName::utm_content: text(tracking_.utm_content, parameter); break;
      case TrackingName::utm_term: text(tracking_.utm_term, parameter); break;
      case TrackingName::external_id: text(tracking_.external_id, parameter); break;
      case TrackingName::keyword: text(tracking_.keyword, parameter); break;
      case TrackingName::cost: cost(parameter); break;
      case TrackingName::currency: currency(parameter.value); break;
      case TrackingName::none: break;
    }
  }

  bool truncated() const noexcept { return truncated_; }

 private:
  void text(std::string_view& field, const QueryParameter& parameter) noexcept {
    if (!field.empty()) {
      return;
    }
    const std::string_view value = plain(parameter);
    if (is_unexpanded_macro(value)) {
      return;
    }
    field = value;
    left_ -= value.size();
  }

  std::string_view plain(const QueryParameter& parameter) noexcept {
    const std::size_t limit = std::min(kMaxTrackingValue, left_);
    return parameter.decoded ? cut(parameter.value, limit) : decode(parameter.value, limit);
  }

  std::string_view decode(std::string_view value, std::size_t limit) noexcept {
    // One byte more than the limit tells whether something was cut.
    const std::span<char> room = arena_.rest().first(std::min(limit + 1, arena_.rest().size()));
    if (room.empty()) {
      truncated_ = true;
      return {};
    }
    const std::string_view decoded = decode_component(value, room);
    const bool copied = decoded.data() == room.data();
    const std::string_view kept = cut(decoded, copied ? room.size() - 1 : limit);
    if (copied) {
      arena_.take(kept.size());
    }
    return kept;
  }

  std::string_view cut(std::string_view text, std::size_t limit) noexcept {
    if (text.size() <= limit) {
      return text;
    }
    truncated_ = true;
    return cut_between_characters(text, limit);
  }

  void cost(const QueryParameter& parameter) noexcept {
    std::array<char, 64> buffer;
    const auto amount = parse_money(parameter.decoded ? parameter.value : decode_component(parameter.value, buffer));
    if (!cost_seen_ && amount.ok() && *amount >= 0) {
      tracking_.cost_micros = *amount;
      cost_seen_ = true;
    }
  }

  void currency(std::string_view value) noexcept {
    if (tracking_.currency.empty()) {
      tracking_.currency = parse_currency(value);
    }
  }

  Tracking& tracking_;
  Arena& arena_;
  std::size_t left_ = kMaxTrackingTotal;
  bool cost_seen_ = false;
  bool truncated_ = false;
};

}  // namespace

void parse_tracking(std::span<const QueryParameter> query, Arena& arena, Tracking& tracking,
                    std::uint32_t& labels) noexcept {
  TrackingParser parser{tracking, arena};
  for (const QueryParameter& parameter : query) {
    parser.take(parameter);
  }
  if (parser.truncated()) {
    labels |= kLabelTruncated;
  }
}

void parse_tracking(std::span<const QueryParameter> query, const fbs::Source& source, Arena& arena, Tracking& tracking,
                    std::uint32_t& labels) noexcept {
  TrackingParser parser{tracking, arena};
  for (const QueryParameter& parameter : query) {
    parser.take(parameter, find_source_name(source, parameter.name));
  }
  for (const QueryParameter& parameter : query) {
    if (find_source_name(source, parameter.name).name == TrackingName::none) {
      parser.take(parameter);
    }
  }
  if (parser.truncated()) {
    labels |= kLabelTruncated;
  }
}

}  // namespace tributary
