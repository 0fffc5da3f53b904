#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "core/base/result.h"
#include "core/click_id/click_id.h"
#include "core/geo/place.h"

// The events of schema/events.proto as plain structs of views.
//
// Writing: the views point into request buffers and must live until encode returns. Reading: they point into the record
// and live as long as its bytes do. Neither direction allocates.
namespace tributary {

inline constexpr std::size_t kSubIdCount = 30;
inline constexpr std::size_t kCustomFieldCount = 20;

enum TrafficLabel : std::uint32_t {
  kLabelBot = 1,
  kLabelPrefetch = 2,
  kLabelHead = 4,
  kLabelScanner = 8,
  kLabelTruncated = 16,
  kLabelRepeated = 32,
};

enum UniqueFlag : std::uint32_t { kUniqueStream = 1, kUniqueCampaign = 2, kUniqueGlobal = 4 };

enum class RoutingReason : std::uint8_t {
  unknown = 0,
  forced = 1,
  regular = 2,
  default_stream = 3,
  direct = 4,
  unknown_campaign = 16,
  campaign_paused = 17,
  no_stream = 18,
  no_destination = 19,
  no_snapshot = 20,
  loop = 21,
  bad_url = 22,
  capped = 23,
  unknown_link = 24,
  link_paused = 25,
  missing_click = 26,
  forged_click = 27,
  expired_click = 28,
};
std::string_view routing_reason_name(RoutingReason reason) noexcept;

enum class PostbackVerdict : std::uint8_t {
  unknown = 0,
  accepted = 1,
  repeated = 2,
  click_pending = 3,
  latest_click = 4,
  missing_click = 64,
  unexpanded_macro = 65,
  forged_click = 66,
  expired_click = 67,
  malformed_click = 68,
  unknown_status = 69,
  bad_money = 70,
  bad_currency = 71,
  unknown_click = 72,
  foreign_click = 73,
  bad_identifier = 74,
  too_many_parameters = 75,
  unparsable_body = 76,
};
std::string_view postback_verdict_name(PostbackVerdict verdict) noexcept;
// Verdicts below 64 ask for a conversion; the others are quarantined.
constexpr bool counts_as_conversion(PostbackVerdict verdict) noexcept {
  return verdict != PostbackVerdict::unknown && static_cast<std::uint8_t>(verdict) < 64;
}

enum class ConversionStatus : std::uint8_t { unmapped = 0, lead, sale, rejected, trash, rebill, custom };
std::string_view conversion_status_name(ConversionStatus status) noexcept;

struct EventHeader {
  std::uint64_t time_us = 0;
  std::uint32_t edge = 0;
  std::uint32_t slot = 0;
  std::uint32_t epoch = 0;
  std::uint64_t generation = 0;
  friend bool operator==(const EventHeader&, const EventHeader&) = default;
};

// 4 or 16 bytes in network order, or empty. A view, compared by its bytes.
struct AddressBytes : std::span<const std::uint8_t> {
  using std::span<const std::uint8_t>::span;
  AddressBytes(std::span<const std::uint8_t> bytes) noexcept : span(bytes) {}  // NOLINT(google-explicit-constructor)
  friend bool operator==(AddressBytes a, AddressBytes b) noexcept { return std::ranges::equal(a, b); }
};

struct Visit {
  AddressBytes address;
  std::string_view user_agent;
  std::string_view referrer;
  std::string_view language;
  std::string_view host;
  std::string_view query;
  std::uint32_t labels = 0;
  std::optional<Place> place;  // what the edge found; none: it did not look
  std::string_view headers;    // those that conditions asked for (asked_headers.h)
  friend bool operator==(const Visit&, const Visit&) = default;
};

struct Tracking {
  std::string_view utm_source, utm_medium, utm_campaign, utm_content, utm_term;
  std::string_view external_id;
  std::string_view keyword;
  std::int64_t cost_micros = 0;
  std::string_view currency;
  std::array<std::string_view, kSubIdCount> sub_ids;  // sub id n is at n - 1; empty means absent
  friend bool operator==(const Tracking&, const Tracking&) = default;
};

struct Click {
  ClickIdentity id;
  Visit visit;
  Tracking tracking;
  std::uint32_t stream = 0;
  std::uint32_t destination = 0;
  std::uint32_t source = 0;
  RoutingReason reason = RoutingReason::unknown;
  std::uint32_t unique = 0;
  std::uint32_t status = 0;
  std::string_view external_click_id;
  std::uint32_t affiliate = 0;
  std::uint32_t link = 0;
  std::uint64_t number = 0;
  std::uint32_t lander = 0;
  bool tracking_in_query = false;  // core/request/tracking_in_query.h
  friend bool operator==(const Click&, const Click&) = default;
};

struct LanderClick {
  ClickIdentity id;
  ClickIdentity click;
  Visit visit;
  Tracking tracking;
  std::uint32_t stream = 0;
  std::uint32_t lander = 0;
  std::uint32_t destination = 0;
  std::uint32_t offer = 0;
  RoutingReason reason = RoutingReason::unknown;
  std::uint32_t status = 0;
  friend bool operator==(const LanderClick&, const LanderClick&) = default;
};

struct Trafficback {
  ClickIdentity id;
  Visit visit;
  Tracking tracking;
  RoutingReason reason = RoutingReason::unknown;
  std::uint32_t campaign = 0;
  std::uint32_t level = 0;
  std::uint32_t hops = 0;
  std::uint32_t status = 0;
  ClickIdentity click;
  std::uint32_t stream = 0;
  std::uint32_t lander = 0;
  std::uint32_t offer = 0;
  friend bool operator==(const Trafficback&, const Trafficback&) = default;
};

struct Postback {
  std::uint64_t conversion_id = 0;
  std::uint32_t network = 0;
  std::uint32_t affiliate = 0;
  PostbackVerdict verdict = PostbackVerdict::unknown;
  ClickIdentity click;
  std::string_view click_text;
  std::string_view transaction;
  ConversionStatus status = ConversionStatus::unmapped;
  std::string_view raw_status;
  std::string_view event;
  std::int64_t payout_micros = 0;
  std::int64_t revenue_micros = 0;
  std::int64_t cost_micros = 0;
  bool payout_given = false;
  bool revenue_given = false;
  std::string_view currency;
  AddressBytes address;
  std::string_view method;
  std::string_view uri;
  std::string_view body;
  bool verified = false;
  std::array<std::string_view, kCustomFieldCount> custom;
  std::string_view signature;  // SHA-256 of what was signed; empty: not signed
  friend bool operator==(const Postback&, const Postback&) = default;
};

enum class CustomerAction : std::uint8_t { unknown = 0, purchase, add_to_cart, signup, drop_off, custom };
std::string_view customer_action_name(CustomerAction action) noexcept;
CustomerAction find_customer_action(std::string_view name) noexcept;  // unknown: there is none of that name

struct CustomerEvent {
  std::uint32_t advertiser = 0;
  std::uint64_t id_high = 0;
  std::uint64_t id_low = 0;
  CustomerAction action = CustomerAction::unknown;
  bool value_given = false;
  std::int64_t value_micros = 0;
  std::string_view currency;
  std::string_view coupon_code;
  std::string_view ref_code;
  std::string_view landing_url;
  std::string_view referrer;
  std::string_view click_text;
  ClickIdentity click;
  std::string_view customer_key;
  std::string_view properties;
  AddressBytes address;
  bool verified = false;
  // Whether anything in it can tell whose the customer is.
  bool has_evidence() const noexcept {
    return !(coupon_code.empty() && ref_code.empty() && landing_url.empty() && referrer.empty() && click_text.empty() &&
             customer_key.empty());
  }
  friend bool operator==(const CustomerEvent&, const CustomerEvent&) = default;
};

// An event of a type this reader does not know yet: kept as bytes, so that it goes to the dead letters whole.
struct UnknownEvent {
  std::uint32_t field = 0;
  friend bool operator==(const UnknownEvent&, const UnknownEvent&) = default;
};

struct Event {
  EventHeader header;
  std::variant<UnknownEvent, Click, Trafficback, Postback, LanderClick, CustomerEvent> payload;
};

enum class EventError : std::uint8_t { empty, truncated, malformed, no_payload, too_many_fields };
std::string_view event_error_name(EventError error) noexcept;

// At most how many bytes encode_event writes: room to reserve. Up to two kilobytes too much, and quickly said.
std::size_t max_event_size(const EventHeader& header, const Click& click) noexcept;
std::size_t max_event_size(const EventHeader& header, const Trafficback& trafficback) noexcept;
std::size_t max_event_size(const EventHeader& header, const Postback& postback) noexcept;
std::size_t max_event_size(const EventHeader& header, const LanderClick& lander_click) noexcept;
std::size_t max_event_size(const EventHeader& header, const CustomerEvent& customer_event) noexcept;

// Writes the event to `out`, where there is room for max_event_size bytes, and returns how many it took. What stands
// behind them, up to that size, is undefined.
std::size_t encode_event(const EventHeader& header, const Click& click, char* out) noexcept;
std::size_t encode_event(const EventHeader& header, const Trafficback& trafficback, char* out) noexcept;
std::size_t encode_event(const EventHeader& header, const Postback& postback, char* out) noexcept;
std::size_t encode_event(const EventHeader& header, const LanderClick& lander_click, char* out) noexcept;
std::size_t encode_event(const EventHeader& header, const CustomerEvent& customer_event, char* out) noexcept;

// Never reads outside `bytes`, whatever they hold. Text is checked to be valid UTF-8 by the ingestor, not here.
Result<Event, EventError> decode_event(std::span<const char> bytes) noexcept;

}  // namespace tributary
