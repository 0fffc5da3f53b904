#include "ngx_module/text/json_parameters.h"

#include <boost/json/src.hpp>

#include "ngx_module/text/json.h"
#include "ngx_module/text/redact.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxDepth = 4;

void append_encoded(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
}

// Collects members as the parser meets them: numbers arrive with the digits that were sent, so that money is exact.
struct Collector {
  static constexpr std::size_t max_object_size = 1024;
  static constexpr std::size_t max_array_size = 0;
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = 1u << 20;
  using Error = boost::json::error_code;

  std::string form;
  std::string redacted = "{";
  std::string name;
  std::string text;
  bool object = false;

  static bool refuse(Error& error) {
    error = boost::json::error::not_object;
    return false;
  }

  void member(std::string_view value, bool quoted) {
    if (redacted.size() > 1) redacted += ',';
    redacted += JsonWriter().text(name).take();
    redacted += ':';
    if (is_secret_name(name)) {
      redacted += "\"***\"";
    } else {
      redacted += quoted ? JsonWriter().text(value).take() : std::string(value);
    }
    if (value == "null" && !quoted) return;
    if (!form.empty()) form += '&';
    append_encoded(name, form);
    form += '=';
    const bool truth = !quoted && (value == "true" || value == "false");
    append_encoded(truth ? (value == "true" ? "1" : "0") : value, form);
  }

  bool scalar(std::string_view value, bool quoted, Error& error) {
    if (!object) return refuse(error);
    member(value, quoted);
    text.clear();
    return true;
  }

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error& error) {
    if (object) return refuse(error);
    return object = true;
  }
  bool on_object_end(std::size_t, Error&) { return true; }
  bool on_array_begin(Error& error) { return refuse(error); }
  bool on_array_end(std::size_t, Error& error) { return refuse(error); }
  bool on_key_part(boost::json::string_view part, std::size_t, Error&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_key(boost::json::string_view part, std::size_t, Error&) {
    name = text.append(part.data(), part.size());
    text.clear();
    return true;
  }
  bool on_string_part(boost::json::string_view part, std::size_t, Error&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_string(boost::json::string_view part, std::size_t, Error& error) {
    return scalar(text.append(part.data(), part.size()), true, error);
  }
  bool on_number_part(boost::json::string_view part, Error&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool number(boost::json::string_view part, Error& error) {
    return scalar(text.append(part.data(), part.size()), false, error);
  }
  bool on_int64(std::int64_t, boost::json::string_view part, Error& error) { return number(part, error); }
  bool on_uint64(std::uint64_t, boost::json::string_view part, Error& error) { return number(part, error); }
  bool on_double(double, boost::json::string_view part, Error& error) { return number(part, error); }
  bool on_bool(bool value, Error& error) { return scalar(value ? "true" : "false", false, error); }
  bool on_null(Error& error) { return scalar("null", false, error); }
  bool on_comment_part(boost::json::string_view, Error&) { return true; }
  bool on_comment(boost::json::string_view, Error&) { return true; }
};

}  // namespace

Result<JsonBody, std::string> read_json_parameters(std::string_view body) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<Collector> parser(options);
  boost::json::error_code error;
  const std::size_t used = parser.write_some(false, body.data(), body.size(), error);
  if (error == boost::json::error::not_object) return std::string("the JSON body must be one flat object");
  if (error) return "the body is no JSON: " + error.message();
  const bool rest = body.find_first_not_of(" \t\r\n", used) != std::string_view::npos;
  if (rest || !parser.handler().object) return std::string("the JSON body must be one flat object");
  Collector& collected = parser.handler();
  return JsonBody{std::move(collected.form), collected.redacted + "}"};
}

}  // namespace tributary
