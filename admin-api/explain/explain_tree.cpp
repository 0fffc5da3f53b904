#include "admin-api/explain/explain_tree.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <iomanip>
#include <ostream>

namespace tributary::admin {
namespace {

namespace json = boost::json;

// A text without quotes, anything else as JSON writes it; nothing becomes "-".
std::string word(const json::value& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

std::string words(const json::value& list, std::string_view between) {
  std::string text;
  for (const auto& item : list.as_array()) text += (text.empty() ? "" : std::string(between)) + word(item);
  return text;
}

void print_visitor(const json::object& visitor, std::ostream& out) {
  out << "visitor     " << word(visitor.at("address")) << "  country " << word(visitor.at("country")) << "  region "
      << word(visitor.at("region")) << "  city " << word(visitor.at("city")) << "\n"
      << "            device " << word(visitor.at("device")) << "  os " << word(visitor.at("os")) << "  browser "
      << word(visitor.at("browser")) << "  bot " << word(visitor.at("bot")) << "\n";
  const std::string labels = words(visitor.at("labels"), ", ");
  if (!labels.empty()) out << "            " << labels << ": uses no cap, moves no rotation, is no visit\n";
}

void print_condition(const json::object& condition, std::ostream& out) {
  const bool holds = condition.at("holds").as_bool();
  out << "    " << (holds ? "yes  " : "NO   ") << word(condition.at("kind"));
  if (!condition.at("argument").is_null()) out << " " << word(condition.at("argument"));
  const std::string accepted = words(condition.at("accepted"), ", ");
  out << (condition.at("negated").as_bool() ? " is not " : " is ") << (accepted.empty() ? "as set" : accepted)
      << "; seen: " << (condition.at("seen").is_null() ? "unknown" : word(condition.at("seen"))) << "\n";
}

// Which value of which sub id was counted, where each is.
std::string value_of(const json::object& cap) {
  if (cap.at("per").is_null()) return {};
  return " of sub id " + word(cap.at("per")) + " = \"" + word(cap.at("value")) + "\"";
}

void print_caps(const json::value& caps, std::string_view indent, std::ostream& out) {
  for (const auto& item : caps.as_array()) {
    const auto& cap = item.as_object();
    out << indent << (cap.at("answer") == "full" ? "FULL " : "     ") << word(cap.at("measure")) << " per "
        << word(cap.at("period")) << " (" << word(cap.at("time_zone")) << ")" << value_of(cap) << ": "
        << word(cap.at("count")) << " of " << word(cap.at("amount")) << (cap.at("hard").as_bool() ? "" : ", alert only")
        << "\n";
  }
}

void print_destination(const json::object& destination, std::ostream& out) {
  out << "    " << (destination.at("chosen").as_bool() ? "-->  " : "     ") << "destination " << std::left
      << std::setw(8) << word(destination.at("id")) << std::setw(13) << word(destination.at("standing")) << "weight "
      << word(destination.at("weight"));
  const std::string closed = words(destination.at("closed_by"), ", ");
  if (!closed.empty()) out << "  closed by " << closed;
  if (!destination.at("roi_percent").is_null()) {
    out << "  ROI " << word(destination.at("roi_percent")) << " % of " << word(destination.at("sample")) << " clicks";
  }
  out << "\n";
  print_caps(destination.at("caps"), "           ", out);
}

void print_lander(const json::object& lander, std::ostream& out) {
  out << "    " << (lander.at("chosen").as_bool() ? "-->  " : "     ") << "lander " << std::left << std::setw(13)
      << word(lander.at("id")) << std::setw(13) << (lander.at("active").as_bool() ? "active" : "inactive") << "weight "
      << word(lander.at("weight")) << "\n";
}

void print_stream(const json::object& stream, std::ostream& out) {
  const auto verdict = word(stream.at("verdict"));
  out << "stream " << std::left << std::setw(5) << word(stream.at("id")) << (verdict == "taken" ? "TAKEN" : "left: ")
      << (verdict == "taken" ? "" : verdict) << "  (" << word(stream.at("kind")) << ", priority "
      << word(stream.at("priority")) << ", weight " << word(stream.at("weight")) << ", " << word(stream.at("selector"))
      << ")\n";
  for (const auto& condition : stream.at("conditions").as_array()) print_condition(condition.as_object(), out);
  print_caps(stream.at("limits"), "    ", out);
  for (const auto& lander : stream.at("landers").as_array()) print_lander(lander.as_object(), out);
  for (const auto& destination : stream.at("destinations").as_array()) print_destination(destination.as_object(), out);
}

std::string target(const json::object& decision) {
  if (!decision.at("lander").is_null() && decision.at("destination").is_null()) {
    return "stream " + word(decision.at("stream")) + ", lander " + word(decision.at("lander"));
  }
  if (!decision.at("destination").is_null()) {
    return "stream " + word(decision.at("stream")) + ", destination " + word(decision.at("destination"));
  }
  static constexpr const char* kLevels[] = {"nobody", "the stream", "the campaign", "the team", "the installation"};
  const auto level = decision.at("trafficback_level").to_number<std::size_t>();
  return std::string("trafficback of ") + kLevels[level < 5 ? level : 0];
}

void print_decision(const json::object& answer, std::ostream& out) {
  const auto& decision = answer.at("decision").as_object();
  const auto& rotation = answer.at("rotation").as_object();
  out << "decision    " << word(decision.at("reason")) << ": " << target(decision) << "\n";
  if (!decision.at("url").is_null()) {
    out << "            " << word(decision.at("status")) << " " << word(decision.at("url"));
    if (word(decision.at("redirect_kind")) != "http") out << " (" << word(decision.at("redirect_kind")) << ")";
    out << "\n";
  }
  out << "            turn " << word(rotation.at("turn")) << " of the rotation, " << word(rotation.at("source"))
      << "\n";
  const auto* same = answer.if_contains("same");
  if (same == nullptr) return;
  out << "recorded    " << word(answer.at("recorded").at("reason")) << ": " << target(answer.at("recorded").as_object())
      << (same->as_bool() ? "\n            the same\n" : "\n            NOT THE SAME\n");
}

}  // namespace

void print_explanation(const json::object& answer, std::ostream& out) {
  out << "generation  " << word(answer.at("generation")) << "  campaign " << word(answer.at("campaign"));
  if (!answer.at("rotation_id").is_null()) out << "  rotation " << word(answer.at("rotation_id"));
  out << "\n";
  print_visitor(answer.at("visitor").as_object(), out);
  for (const auto& stream : answer.at("streams").as_array()) print_stream(stream.as_object(), out);
  print_decision(answer, out);
  const auto& state = answer.at("state").as_object();
  out << "state       caps " << word(state.at("caps")) << ", visits " << word(state.at("visits")) << ", health "
      << word(state.at("health")) << "\n";
}

}  // namespace tributary::admin
