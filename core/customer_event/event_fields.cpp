#include "core/customer_event/event_fields.h"

#include <algorithm>

#include "core/money/money.h"

namespace tributary {
namespace {

struct Description {
  std::string_view name;
  std::size_t max_length;
};

// In the order of BodyField.
constexpr Description kFields[] = {
    {"", 0},
    {"action", kMaxEventName},
    {"value", kMaxEventName},
    {"currency", kMaxEventName},
    {"coupon_code", kMaxEventName},
    {"ref_code", kMaxEventName},
    {"landing_url", kMaxEventUrl},
    {"referrer", kMaxEventUrl},
    {"click_id", kMaxEventClick},
    {"event_id", kMaxEventName},
    {"customer_key", kMaxEventName},
    {"properties", kMaxEventProperties},
};

struct ProblemText {
  std::string_view name;
  std::string_view text;
};

// In the order of EventProblem.
constexpr ProblemText kProblems[] = {
    {"none", ""},
    {"malformed", "the line is not valid JSON"},
    {"not_an_object", "an event must be a JSON object"},
    {"duplicate_name", "the field stands twice"},
    {"wrong_type", "must be text; properties must be an object"},
    {"too_long", "is too long"},
    {"bad_number", "holds a number of more than 64 characters or with an exponent beyond 300"},
    {"missing_action", "is required: purchase, add_to_cart, signup or custom"},
    {"bad_action", "must be purchase, add_to_cart, signup or custom; a drop-off goes to /event/drop_off"},
    {"bad_value", "must be a decimal number from 0 with at most six decimals and no exponent"},
    {"bad_currency", "must be an ISO 4217 code such as USD"},
};
static_assert(std::size(kProblems) == static_cast<std::size_t>(EventProblem::bad_currency) + 1);

const Description& description(BodyField field) noexcept {
  return kFields[static_cast<std::size_t>(field)];
}

void set_value(ParsedEvent& parsed, std::string_view text) noexcept {
  const auto micros = parse_money(text);
  if (!micros || *micros < 0) {
    return note_problem(parsed, EventProblem::bad_value, BodyField::value);
  }
  parsed.event.value_micros = *micros;
  parsed.event.value_given = true;
}

void set_currency(ParsedEvent& parsed, std::string_view text) noexcept {
  parsed.event.currency = parse_currency(text);
  if (parsed.event.currency.empty()) {
    note_problem(parsed, EventProblem::bad_currency, BodyField::currency);
  }
}

void set_action(ParsedEvent& parsed, std::string_view text) noexcept {
  parsed.event.action = find_customer_action(text);
  if (parsed.event.action == CustomerAction::unknown) {
    note_problem(parsed, EventProblem::bad_action, BodyField::action);
  }
}

}  // namespace

std::string_view event_problem_name(EventProblem problem) noexcept {
  return kProblems[static_cast<std::size_t>(problem)].name;
}

std::string_view event_problem_text(EventProblem problem) noexcept {
  return kProblems[static_cast<std::size_t>(problem)].text;
}

BodyField find_event_field(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(kFields) + 1, std::end(kFields),
                                   [name](const Description& field) { return field.name == name; });
  return found == std::end(kFields) ? BodyField::none : static_cast<BodyField>(found - std::begin(kFields));
}

std::string_view event_field_name(BodyField field) noexcept {
  return description(field).name;
}

void note_problem(ParsedEvent& parsed, EventProblem problem, BodyField field) noexcept {
  if (parsed.problem == EventProblem::none) {
    parsed.problem = problem;
    parsed.field = event_field_name(field);
  }
}

void set_event_field(ParsedEvent& parsed, BodyField field, JsonScalar kind, std::string_view value) noexcept {
  if (field == BodyField::none || kind == JsonScalar::null) {
    return;
  }
  if (kind == JsonScalar::boolean || field == BodyField::properties) {
    return note_problem(parsed, EventProblem::wrong_type, field);
  }
  if (value.size() > description(field).max_length) {
    return note_problem(parsed, EventProblem::too_long, field);
  }
  CustomerEvent& event = parsed.event;
  switch (field) {
    case BodyField::action: return set_action(parsed, value);
    case BodyField::value: return set_value(parsed, value);
    case BodyField::currency: return set_currency(parsed, value);
    case BodyField::coupon_code: event.coupon_code = value; return;
    case BodyField::ref_code: event.ref_code = value; return;
    case BodyField::landing_url: event.landing_url = value; return;
    case BodyField::referrer: event.referrer = value; return;
    case BodyField::click_id: event.click_text = value; return;
    case BodyField::event_id: parsed.event_id = value; return;
    case BodyField::customer_key: event.customer_key = value; return;
    case BodyField::properties:
    case BodyField::none: return;
  }
}

void set_event_properties(ParsedEvent& parsed, std::string_view json) noexcept {
  if (json.size() > description(BodyField::properties).max_length) {
    return note_problem(parsed, EventProblem::too_long, BodyField::properties);
  }
  parsed.event.properties = json;
}

// A drop-off has a URL of its own and is reported nowhere else.
void finish_event(ParsedEvent& parsed, CustomerAction expected) noexcept {
  CustomerAction& action = parsed.event.action;
  if (expected != CustomerAction::unknown) {
    if (action != CustomerAction::unknown && action != expected) {
      note_problem(parsed, EventProblem::bad_action, BodyField::action);
    }
    action = expected;
    return;
  }
  if (action == CustomerAction::drop_off) {
    note_problem(parsed, EventProblem::bad_action, BodyField::action);
  } else if (action == CustomerAction::unknown) {
    note_problem(parsed, EventProblem::missing_action, BodyField::action);
  }
}

}  // namespace tributary
