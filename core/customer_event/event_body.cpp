#include "core/customer_event/event_body.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

#include "core/customer_event/event_fields.h"
#include "core/customer_event/json_copy.h"

namespace tributary {
namespace {

using Code = EventBodyError::Code;

constexpr std::size_t kMaxNumber = 64;
constexpr int kMaxExponent = 300;

// Whether PostgreSQL's jsonb takes it, and any reader of it.
bool fits_anywhere(std::string_view number) noexcept {
  const std::size_t e = number.find_first_of("eE");
  if (number.size() > kMaxNumber) {
    return false;
  }
  if (e == std::string_view::npos) {
    return true;
  }
  std::string_view digits = number.substr(e + 1);
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
  }
  int exponent = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  return read.ec == std::errc() && exponent <= kMaxExponent && exponent >= -kMaxExponent;
}

// Receives a document from Boost's parser. Returning false stops it.
class EventsHandler {
 public:
  using Error = boost::json::error_code;
  using View = boost::json::string_view;
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  EventsHandler(const EventBodyRules& rules, std::span<ParsedEvent> out, Arena& arena) noexcept
      : rules_(rules), out_(out), text_(arena), copy_(arena) {}

  Code code() const noexcept { return code_; }
  std::size_t count() const noexcept { return count_; }

  bool on_document_begin(Error&) noexcept { return true; }
  bool on_document_end(Error&) noexcept { return true; }
  bool on_object_begin(Error& error) noexcept { return begin('{', error); }
  bool on_object_end(std::size_t, Error& error) noexcept { return end('}', error); }
  bool on_array_begin(Error& error) noexcept { return begin('[', error); }
  bool on_array_end(std::size_t, Error& error) noexcept { return end(']', error); }
  bool on_key_part(View part, std::size_t, Error& error) noexcept { return key(part, false, error); }
  bool on_key(View part, std::size_t, Error& error) noexcept { return key(part, true, error); }
  bool on_string_part(View part, std::size_t, Error& error) noexcept { return text(part, false, error); }
  bool on_string(View part, std::size_t, Error& error) noexcept { return text(part, true, error); }
  bool on_number_part(View, Error& error) noexcept { return stop(Code::malformed, error); }  // never in a whole body
  bool on_int64(std::int64_t, View number, Error& error) noexcept { return word(JsonScalar::number, number, error); }
  bool on_uint64(std::uint64_t, View number, Error& error) noexcept { return word(JsonScalar::number, number, error); }
  bool on_double(double, View number, Error& error) noexcept { return word(JsonScalar::number, number, error); }
  bool on_bool(bool value, Error& error) noexcept { return word(JsonScalar::boolean, value ? "true" : "false", error); }
  bool on_null(Error& error) noexcept { return word(JsonScalar::null, "null", error); }
  bool on_comment_part(View, Error&) noexcept { return true; }
  bool on_comment(View, Error&) noexcept { return true; }

 private:
  ParsedEvent& event() noexcept { return out_[count_ - 1]; }
  bool at_field() const noexcept { return level_ == event_level_; }

  bool stop(Code code, Error& error) noexcept {
    code_ = code;
    error = boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
    return false;
  }
  bool written(bool ok, Error& error) noexcept { return ok || stop(Code::too_many, error); }

  bool begin(char bracket, Error& error) noexcept {
    const bool object = bracket == '{';
    if (level_ == 0) {
      event_level_ = object || rules_.lines ? 1 : 2;
    }
    ++level_;
    if (level_ < event_level_) {
      return true;  // the array around the events
    }
    if (at_field()) {
      return begin_event(object, error);
    }
    if (level_ == event_level_ + 1) {
      copying_ = object && field_ == BodyField::properties;
      if (!copying_ && field_ != BodyField::none) {
        note_problem(event(), EventProblem::wrong_type, field_);
      }
    }
    return !copying_ || written(copy_.open(bracket), error);
  }

  bool end(char bracket, Error& error) noexcept {
    const int level = level_--;
    if (level == event_level_) {
      finish_event(event(), rules_.action);
    }
    if (level <= event_level_ || !copying_) {
      return true;
    }
    if (!copy_.close(bracket)) {
      return stop(Code::too_many, error);
    }
    if (level == event_level_ + 1) {
      copying_ = false;
      set_event_properties(event(), copy_.take());
    }
    return true;
  }

  bool begin_event(bool object, Error& error) noexcept {
    if (count_ == out_.size()) {
      return stop(Code::too_many, error);
    }
    out_[count_++] = {};
    field_ = BodyField::none;
    seen_ = 0;
    if (!object) {
      note_problem(event(), EventProblem::not_an_object, BodyField::none);
    }
    return true;
  }

  bool key(View part, bool last, Error& error) noexcept {
    if (!at_field()) {
      return !copying_ || written(copy_.key(part, last), error);
    }
    if (!text_.append(part)) {
      return stop(Code::too_many, error);
    }
    if (last) {
      begin_field(find_event_field(text_.take()));
    }
    return true;
  }

  void begin_field(BodyField field) noexcept {
    field_ = field;
    const std::uint32_t bit = 1u << static_cast<unsigned>(field);
    if (field != BodyField::none && (seen_ & bit) != 0) {
      note_problem(event(), EventProblem::duplicate_name, field);
    }
    seen_ |= bit;
  }

  bool text(View part, bool last, Error& error) noexcept {
    if (level_ > event_level_) {
      return !copying_ || written(copy_.text(part, last), error);
    }
    if (!at_field() || level_ == 0) {
      return !last || not_an_event(error);
    }
    if (!text_.append(part)) {
      return stop(Code::too_many, error);
    }
    if (last) {
      set_event_field(event(), field_, JsonScalar::text, text_.take());
    }
    return true;
  }

  bool word(JsonScalar kind, View word, Error& error) noexcept {
    if (level_ > event_level_) {
      if (kind == JsonScalar::number && !fits_anywhere(word)) {
        note_problem(event(), EventProblem::bad_number, field_);
      }
      return !copying_ || written(copy_.word(word), error);
    }
    if (!at_field() || level_ == 0) {
      return not_an_event(error);
    }
    if (!text_.append(word)) {
      return stop(Code::too_many, error);
    }
    set_event_field(event(), field_, kind, text_.take());
    return true;
  }

  // Where an event should be.
  bool not_an_event(Error& error) noexcept {
    return level_ == 0 ? stop(Code::not_events, error) : begin_event(false, error);
  }

  const EventBodyRules& rules_;
  std::span<ParsedEvent> out_;
  ArenaText text_;
  JsonCopy copy_;
  std::size_t count_ = 0;
  int level_ = 0;        // objects and arrays that are open
  int event_level_ = 0;  // that of the fields of events: 1, or 2 within an array; 0: nothing was seen yet
  BodyField field_ = BodyField::none;
  std::uint32_t seen_ = 0;  // bit set of BodyField
  bool copying_ = false;    // inside `properties`
  Code code_ = Code::malformed;
};

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view without_space(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// `text` has no white space around it.
Result<std::size_t, EventBodyError> parse_document(std::string_view text, const EventBodyRules& rules,
                                                   std::span<ParsedEvent> out, Arena& arena) {
  boost::json::parse_options options;
  options.max_depth = kMaxEventDepth + 1;  // the array around the events
  boost::json::basic_parser<EventsHandler> parser{options, rules, out, arena};
  boost::json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (error) {
    return EventBodyError{parser.handler().code(), read};
  }
  if (read != text.size()) {
    return EventBodyError{Code::malformed, read};
  }
  return parser.handler().count();
}

Result<std::size_t, EventBodyError> parse_lines(std::string_view body, const EventBodyRules& rules,
                                                std::span<ParsedEvent> out, Arena& arena) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    const std::string_view line = without_space(body.substr(at, end - at));
    if (!line.empty()) {
      if (count == out.size()) {
        return EventBodyError{Code::too_many, at};
      }
      if (!parse_document(line, rules, out.subspan(count, 1), arena)) {
        out[count] = {.event = {}, .event_id = {}, .problem = EventProblem::malformed, .field = {}};
      }
      ++count;
    }
    at = end + 1;
  }
  return count;
}

}  // namespace

std::string_view event_body_error_text(EventBodyError::Code code) noexcept {
  switch (code) {
    case Code::malformed: return "the body is not valid JSON, or nested too deeply";
    case Code::not_events: return "the body must be a JSON object or an array of objects";
    case Code::empty: return "the body has no event";
    case Code::too_many: return "the body has more than 1000 events";
  }
  return "the body is not valid JSON, or nested too deeply";
}

Result<std::size_t, EventBodyError> parse_event_body(std::string_view body, const EventBodyRules& rules,
                                                     std::span<ParsedEvent> out, Arena& arena) noexcept {
  try {
    const std::string_view text = without_space(body);
    if (text.empty()) {
      return EventBodyError{Code::empty, body.size()};
    }
    const auto count = rules.lines ? parse_lines(body, rules, out, arena) : parse_document(text, rules, out, arena);
    if (count && *count == 0) {
      return EventBodyError{Code::empty, body.size()};
    }
    return count;
  } catch (...) {  // the parser may allocate to suspend itself, which it never does for a whole body
    return EventBodyError{Code::malformed, 0};
  }
}

}  // namespace tributary
