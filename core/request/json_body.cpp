#include "core/request/json_body.h"

#include <boost/json/basic_parser_impl.hpp>
#include <cstring>
#include <utility>

// What the parser does not define inline, from Boost itself: core has no library to link for the one file that needs
// it.
// clang-format off
#include <boost/json/impl/error.ipp>
#include <boost/json/detail/impl/default_resource.ipp>
#include <boost/json/detail/impl/shared_resource.ipp>
#include <boost/json/detail/impl/stack.ipp>
// clang-format on

namespace tributary {
namespace {

using Code = JsonBodyError::Code;

// Receives the members from Boost's parser. Returning false stops it.
class FlatObjectHandler {
 public:
  using Error = boost::json::error_code;
  using View = boost::json::string_view;
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  FlatObjectHandler(std::span<QueryParameter> out, Arena& arena, JsonNesting nesting) noexcept
      : out_(out), arena_(arena), skips_(nesting == JsonNesting::skipped) {}

  Code code() const noexcept { return code_; }
  std::size_t count() const noexcept { return count_; }

  bool on_document_begin(Error&) noexcept { return true; }
  bool on_document_end(Error&) noexcept { return true; }
  bool on_object_begin(Error& error) noexcept {
    if (depth_ != 0 && !skips_) {
      return stop(Code::not_flat, error);
    }
    in_list_ = false;
    ++depth_;
    return true;
  }
  bool on_object_end(std::size_t, Error&) noexcept { return leave(); }
  bool on_array_begin(Error& error) noexcept {
    if (depth_ == 0 || !skips_) {
      return stop(Code::not_flat, error);
    }
    ++depth_;
    in_list_ = depth_ == 2;
    return true;
  }
  bool on_array_end(std::size_t, Error&) noexcept { return leave(); }
  bool on_key_part(View part, std::size_t, Error& error) noexcept { return append(part, error); }
  bool on_key(View part, std::size_t, Error& error) noexcept {
    if (!append(part, error)) {
      return false;
    }
    if (depth_ > 1) {
      take_text();
      return true;
    }
    name_ = take_text();
    return !is_known(name_) || stop(Code::duplicate_key, error);
  }
  bool on_string_part(View part, std::size_t, Error& error) noexcept { return append(part, error); }
  bool on_string(View part, std::size_t, Error& error) noexcept { return add(part, error); }
  bool on_number_part(View part, Error& error) noexcept { return append(part, error); }
  bool on_int64(std::int64_t, View part, Error& error) noexcept { return add(part, error); }
  bool on_uint64(std::uint64_t, View part, Error& error) noexcept { return add(part, error); }
  bool on_double(double, View part, Error& error) noexcept { return add(part, error); }
  bool on_bool(bool value, Error& error) noexcept { return add(value ? "true" : "false", error); }
  bool on_null(Error& error) noexcept { return add("", error); }  // kept for the check of duplicates, has no value
  bool on_comment_part(View, Error&) noexcept { return true; }
  bool on_comment(View, Error&) noexcept { return true; }

 private:
  bool stop(Code code, Error& error) noexcept {
    code_ = code;
    error = boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
    return false;
  }

  // Behind something nested in a list, the list has no first scalar any more.
  bool leave() noexcept {
    --depth_;
    in_list_ = false;
    return true;
  }

  // Parts of one text lie one behind the other in the arena.
  bool append(View part, Error& error) noexcept {
    if (part.empty()) {
      return true;
    }
    const std::span<char> place = arena_.take(part.size());
    if (place.empty()) {
      return stop(Code::too_large, error);
    }
    std::memcpy(place.data(), part.data(), part.size());
    text_ = {text_.empty() ? place.data() : text_.data(), text_.size() + part.size()};
    return true;
  }

  std::string_view take_text() noexcept { return std::exchange(text_, {}); }

  bool is_known(std::string_view name) const noexcept {
    for (const QueryParameter& parameter : out_.first(count_)) {
      if (parameter.name == name) {
        return true;
      }
    }
    return false;
  }

  bool add(View last_part, Error& error) noexcept {
    if (depth_ == 0) {
      return stop(Code::not_flat, error);
    }
    if (depth_ > 1 && !std::exchange(in_list_, false)) {
      take_text();
      return true;
    }
    if (count_ == out_.size()) {
      return stop(Code::too_large, error);
    }
    if (!append(last_part, error)) {
      return false;
    }
    out_[count_++] = {name_, take_text(), true};
    return true;
  }

  std::span<QueryParameter> out_;
  Arena& arena_;
  std::size_t count_ = 0;
  std::string_view name_;
  std::string_view text_;
  const bool skips_;
  bool in_list_ = false;  // directly in a list of the object, before its first scalar
  std::size_t depth_ = 0;
  Code code_ = Code::malformed;
};

std::size_t skip_space(std::string_view text, std::size_t at) noexcept {
  const std::size_t next = text.find_first_not_of(" \t\r\n", at);
  return next == std::string_view::npos ? text.size() : next;
}

}  // namespace

std::string_view json_body_error_text(JsonBodyError::Code code) noexcept {
  switch (code) {
    case Code::malformed: return "the body is not valid JSON";
    case Code::not_flat: return "the body must be one JSON object without objects or arrays in it";
    case Code::duplicate_key: return "a name stands twice in the JSON object";
    case Code::too_large: return "the JSON object has too many members or too much text";
  }
  return "the body is not valid JSON";
}

Result<std::size_t, JsonBodyError> parse_flat_json(std::string_view body, std::span<QueryParameter> out, Arena& arena,
                                                   JsonNesting nesting) noexcept {
  try {
    boost::json::basic_parser<FlatObjectHandler> parser{boost::json::parse_options{}, out, arena, nesting};
    boost::json::error_code error;
    const std::size_t read = parser.write_some(false, body.data(), body.size(), error);
    if (error) {
      return JsonBodyError{parser.handler().code(), read};
    }
    const std::size_t end = skip_space(body, read);
    if (end != body.size()) {
      return JsonBodyError{Code::malformed, end};
    }
    return parser.handler().count();
  } catch (...) {  // the parser may allocate to suspend itself, which it never does for a whole body
    return JsonBodyError{Code::too_large, 0};
  }
}

}  // namespace tributary
