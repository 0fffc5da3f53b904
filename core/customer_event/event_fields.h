#pragma once

#include <cstdint>
#include <string_view>

#include "core/customer_event/event_body.h"

// The fields of one event, one by one as they are read.
namespace tributary {

enum class BodyField : std::uint8_t {
  none,  // not one of ours: not looked at
  action,
  value,
  currency,
  coupon_code,
  ref_code,
  landing_url,
  referrer,
  click_id,
  event_id,
  customer_key,
  properties,
};
BodyField find_event_field(std::string_view name) noexcept;
std::string_view event_field_name(BodyField field) noexcept;

enum class JsonScalar : std::uint8_t { text, number, boolean, null };

// The first problem of an event is the one that is told.
void note_problem(ParsedEvent& parsed, EventProblem problem, BodyField field) noexcept;

// `value` must live as long as the event.
void set_event_field(ParsedEvent& parsed, BodyField field, JsonScalar kind, std::string_view value) noexcept;

// `json` is the object, without white space.
void set_event_properties(ParsedEvent& parsed, std::string_view json) noexcept;

// What can be judged only when all of the event is there. `expected` is the action of the URL.
void finish_event(ParsedEvent& parsed, CustomerAction expected) noexcept;

}  // namespace tributary
