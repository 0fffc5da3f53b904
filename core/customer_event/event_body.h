#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/arena.h"
#include "core/base/result.h"
#include "core/event/event.h"

// The body of a call of the event API: one event, a JSON array of them, or one in each line (NDJSON).
namespace tributary {

inline constexpr std::size_t kMaxEventsPerCall = 1000;
inline constexpr std::size_t kMaxEventDepth = 16;  // objects and arrays within each other, the event's own included
inline constexpr std::size_t kMaxEventProperties = 16384;  // bytes, without white space
inline constexpr std::size_t kMaxEventUrl = 8192;
inline constexpr std::size_t kMaxEventName = 255;  // codes and names
inline constexpr std::size_t kMaxEventClick = 512;

// Why one event is refused.
enum class EventProblem : std::uint8_t {
  none,
  malformed,  // a line that is not JSON
  not_an_object,
  duplicate_name,  // a field stands twice: which of the two was meant?
  wrong_type,
  too_long,
  bad_number,  // in properties: more than 64 characters, or an exponent that no database holds
  missing_action,
  bad_action,  // not one that this URL takes
  bad_value,
  bad_currency,
};
std::string_view event_problem_name(EventProblem problem) noexcept;
std::string_view event_problem_text(EventProblem problem) noexcept;

struct ParsedEvent {
  CustomerEvent event;        // what the body says of it; views into the arena
  std::string_view event_id;  // what the advertiser calls the event
  EventProblem problem = EventProblem::none;
  std::string_view field;  // the field with the problem; static
};

struct EventBodyError {
  enum class Code : std::uint8_t {
    malformed,   // not JSON (RFC 8259), not UTF-8, too deep, or something after the end
    not_events,  // neither an object nor an array
    empty,
    too_many,
  } code;
  std::size_t offset = 0;  // of the byte at which reading stopped
};
std::string_view event_body_error_text(EventBodyError::Code code) noexcept;

struct EventBodyRules {
  bool lines = false;                               // NDJSON
  CustomerAction action = CustomerAction::unknown;  // that of the URL; unknown: the events name theirs
};

// Reads at most out.size() events. One that is wrong spoils only itself, as far as the JSON allows. The length of the
// body is always enough for `arena`. The stack does not grow with the input.
Result<std::size_t, EventBodyError> parse_event_body(std::string_view body, const EventBodyRules& rules,
                                                     std::span<ParsedEvent> out, Arena& arena) noexcept;

}  // namespace tributary
