#include "admin-api/json/strict_json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <set>
#include <vector>

namespace tributary::admin {
namespace {

namespace json = boost::json;
using Error = boost::system::error_code;

// Looks at every token before a value is built: Boost.JSON itself keeps the last of two equal keys.
class Inspector {
 public:
  static constexpr std::size_t max_object_size = kMaxJsonValues;
  static constexpr std::size_t max_array_size = kMaxJsonValues;
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = 1 << 20;

  std::string refusal;

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) {
    objects_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Error&) {
    objects_.pop_back();
    return true;
  }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(std::size_t, Error&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, Error&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view rest, std::size_t, Error& error) {
    key_.append(rest.data(), rest.size());
    const bool fresh = objects_.back().insert(key_).second;
    if (!fresh) refusal = "the key \"" + key_ + "\" appears twice";
    key_.clear();
    return fresh ? count(error) : refuse(error);
  }
  bool on_string_part(json::string_view part, std::size_t, Error& error) { return text(part, error); }
  bool on_string(json::string_view rest, std::size_t, Error& error) { return text(rest, error) && count(error); }
  bool on_number_part(json::string_view, Error&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Error& error) { return count(error); }
  bool on_uint64(std::uint64_t, json::string_view, Error& error) { return count(error); }
  bool on_double(double number, json::string_view, Error& error) {
    if (std::isfinite(number)) return count(error);
    refusal = "a number is too large";
    return refuse(error);
  }
  bool on_bool(bool, Error& error) { return count(error); }
  bool on_null(Error& error) { return count(error); }
  bool on_comment_part(json::string_view, Error&) { return true; }
  bool on_comment(json::string_view, Error&) { return true; }

 private:
  bool refuse(Error& error) {
    error = json::error::syntax;
    return false;
  }
  bool count(Error& error) {
    if (++values_ <= kMaxJsonValues) return true;
    refusal = "there are too many values";
    return refuse(error);
  }
  bool text(json::string_view part, Error& error) {  // PostgreSQL holds no NUL
    if (part.find('\0') == json::string_view::npos) return true;
    refusal = "a text holds the character NUL";
    return refuse(error);
  }

  std::vector<std::set<std::string>> objects_;
  std::string key_;
  std::size_t values_ = 0;
};

json::parse_options options() {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  return options;
}

}  // namespace

json::value parse_strict(std::string_view text) {
  json::basic_parser<Inspector> inspector(options());
  Error error;
  const auto read = inspector.write_some(false, text.data(), text.size(), error);
  if (!error && read < text.size()) error = json::error::extra_data;
  if (error) {
    const auto& refusal = inspector.handler().refusal;
    throw JsonError(refusal.empty() ? error.message() : refusal, read);
  }
  return json::parse(json::string_view(text.data(), text.size()), {}, options());
}

std::string quote_json(std::string_view text) {
  return json::serialize(json::value(json::string_view(text.data(), text.size())));
}

}  // namespace tributary::admin
