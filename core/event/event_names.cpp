#include "core/event/event.h"

namespace tributary {

std::string_view routing_reason_name(RoutingReason reason) noexcept {
  switch (reason) {
    case RoutingReason::unknown: return "unknown";
    case RoutingReason::forced: return "forced";
    case RoutingReason::regular: return "regular";
    case RoutingReason::default_stream: return "default";
    case RoutingReason::direct: return "direct";
    case RoutingReason::unknown_campaign: return "unknown_campaign";
    case RoutingReason::campaign_paused: return "campaign_paused";
    case RoutingReason::no_stream: return "no_stream";
    case RoutingReason::no_destination: return "no_destination";
    case RoutingReason::capped: return "capped";
    case RoutingReason::no_snapshot: return "no_snapshot";
    case RoutingReason::loop: return "loop";
    case RoutingReason::bad_url: return "bad_url";
    case RoutingReason::unknown_link: return "unknown_link";
    case RoutingReason::link_paused: return "link_paused";
    case RoutingReason::missing_click: return "missing_click";
    case RoutingReason::forged_click: return "forged_click";
    case RoutingReason::expired_click: return "expired_click";
  }
  return "unknown";
}

std::string_view postback_verdict_name(PostbackVerdict verdict) noexcept {
  switch (verdict) {
    case PostbackVerdict::unknown: return "unknown";
    case PostbackVerdict::accepted: return "accepted";
    case PostbackVerdict::repeated: return "repeated";
    case PostbackVerdict::click_pending: return "click_pending";
    case PostbackVerdict::latest_click: return "latest_click";
    case PostbackVerdict::missing_click: return "missing_click";
    case PostbackVerdict::unexpanded_macro: return "unexpanded_macro";
    case PostbackVerdict::forged_click: return "forged_click";
    case PostbackVerdict::expired_click: return "expired_click";
    case PostbackVerdict::malformed_click: return "malformed_click";
    case PostbackVerdict::unknown_status: return "unknown_status";
    case PostbackVerdict::bad_money: return "bad_money";
    case PostbackVerdict::bad_currency: return "bad_currency";
    case PostbackVerdict::unknown_click: return "unknown_click";
    case PostbackVerdict::foreign_click: return "foreign_click";
    case PostbackVerdict::bad_identifier: return "bad_identifier";
    case PostbackVerdict::too_many_parameters: return "too_many_parameters";
    case PostbackVerdict::unparsable_body: return "unparsable_body";
  }
  return "unknown";
}

std::string_view conversion_status_name(ConversionStatus status) noexcept {
  switch (status) {
    case ConversionStatus::unmapped: return "unmapped";
    case ConversionStatus::lead: return "lead";
    case ConversionStatus::sale: return "sale";
    case ConversionStatus::rejected: return "rejected";
    case ConversionStatus::trash: return "trash";
    case ConversionStatus::rebill: return "rebill";
    case ConversionStatus::custom: return "custom";
  }
  return "unmapped";
}

std::string_view customer_action_name(CustomerAction action) noexcept {
  switch (action) {
    case CustomerAction::unknown: return "unknown";
    case CustomerAction::purchase: return "purchase";
    case CustomerAction::add_to_cart: return "add_to_cart";
    case CustomerAction::signup: return "signup";
    case CustomerAction::drop_off: return "drop_off";
    case CustomerAction::custom: return "custom";
  }
  return "unknown";
}

CustomerAction find_customer_action(std::string_view name) noexcept {
  for (const auto action : {CustomerAction::purchase, CustomerAction::add_to_cart, CustomerAction::signup,
                            CustomerAction::drop_off, CustomerAction::custom}) {
    if (name == customer_action_name(action)) {
      return action;
    }
  }
  return CustomerAction::unknown;
}

std::string_view event_error_name(EventError error) noexcept {
  switch (error) {
    case EventError::empty: return "empty";
    case EventError::truncated: return "truncated";
    case EventError::malformed: return "malformed";
    case EventError::no_payload: return "no_payload";
    case EventError::too_many_fields: return "too_many_fields";
  }
  return "malformed";
}

}  // namespace tributary
