#include "ngx_module/text/event_answer.h"

#include <array>

#include "ngx_module/text/json.h"

namespace tributary {
namespace {

void write_refused(JsonWriter& json, const ParsedEvent& parsed) {
  json.begin_object().boolean("success", false).text("status", "refused");
  json.text("code", event_problem_name(parsed.problem));
  if (!parsed.field.empty()) json.text("field", parsed.field);
  json.text("message", event_problem_text(parsed.problem)).end_object();
}

void write_accepted(JsonWriter& json, const ParsedEvent& parsed, const EventOutcome& outcome) {
  std::array<char, 36> id;
  write_event_id(outcome.id, id.data());
  json.begin_object().boolean("success", true).text("status", "accepted");
  json.text("event_id", {id.data(), id.size()}).boolean("duplicate", outcome.repeated);
  json.key("warnings").begin_array();
  if (!parsed.event.has_evidence()) json.text("no_attribution_key");
  json.end_array().end_object();
}

void write_event(JsonWriter& json, const ParsedEvent& parsed, const EventOutcome& outcome) {
  if (parsed.problem != EventProblem::none) return write_refused(json, parsed);
  write_accepted(json, parsed, outcome);
}

}  // namespace

std::string events_answer(std::span<const ParsedEvent> events, std::span<const EventOutcome> outcomes, bool list) {
  JsonWriter json;
  if (!list) {
    write_event(json, events[0], outcomes[0]);
    return json.take();
  }
  std::uint64_t accepted = 0, repeated = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    accepted += events[i].problem == EventProblem::none;
    repeated += outcomes[i].repeated;
  }
  json.begin_object().boolean("success", accepted > 0).number("accepted", accepted).number("duplicates", repeated);
  json.number("refused", events.size() - accepted).key("events").begin_array();
  for (std::size_t i = 0; i < events.size(); ++i) write_event(json, events[i], outcomes[i]);
  return json.end_array().end_object().take();
}

std::string event_error_answer(std::string_view code, std::string_view message) {
  JsonWriter json;
  json.begin_object().boolean("success", false).text("status", "error");
  return json.text("code", code).text("message", message).end_object().take();
}

}  // namespace tributary
