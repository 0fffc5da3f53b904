#include <algorithm>
#include <optional>

#include "core/url/conversion_macro.h"
#include "core/url/macro_argument.h"
#include "core/url/macro_names.h"
#include "core/url/postback_template.h"
#include "core/url/url_bytes.h"
#include "core/url/url_origin.h"

namespace tributary {
namespace {

// Reads the source once from left to right and adds to the compiled template. Stops at the first error.
class TemplateCompiler {
 public:
  explicit TemplateCompiler(std::string_view source) : source_(source) {}
  TemplateCompiler(std::string_view source, PostbackPart part) : source_(source), postback_(part) {}

  Result<CompiledTemplate, TemplateError> run() {
    if (source_.size() > kMaxTemplateLength) {
      return TemplateError{kMaxTemplateLength, "URL is longer than " + std::to_string(kMaxTemplateLength) + " bytes"};
    }
    refuse_control_bytes();
    if (error_.reason.empty() && postback_.value_or(PostbackPart::url) == PostbackPart::url) {
      take_origin();
    }
    while (error_.reason.empty() && position_ < source_.size()) {
      step();
    }
    if (error_.reason.empty() && result_.parts.size() > kMaxTemplateParts) {
      fail(0, "URL has more than " + std::to_string(kMaxTemplateParts) + " parts");
    }
    if (error_.reason.empty() && result_.text.size() > kMaxTemplateLength) {
      fail(0, "URL is longer than " + std::to_string(kMaxTemplateLength) + " bytes once it is percent-encoded");
    }
    if (!error_.reason.empty()) {
      return error_;
    }
    return std::move(result_);
  }

 private:
  void fail(std::size_t offset, std::string reason) { error_ = {offset, std::move(reason)}; }

  void refuse_control_bytes() {
    for (std::size_t i = 0; i < source_.size(); ++i) {
      if (ascii::is_control(source_[i])) {
        return fail(i, "control bytes (line breaks, tabs, ...) cannot be part of a URL");
      }
    }
  }

  void take_origin() {
    const UrlOrigin origin = check_url_origin(source_);
    if (!origin.error.empty()) {
      return fail(origin.error_offset, std::string(origin.error));
    }
    take_literal(origin.length);
  }

  bool is_json() const noexcept { return postback_ == PostbackPart::json; }
  std::optional<Macro> find(std::string_view name) const noexcept {
    return postback_ ? conversion_macro::find(name) : find_macro(name);
  }
  std::string_view similar(std::string_view name) const noexcept {
    return postback_ ? conversion_macro::similar(name) : similar_macro_name(name);
  }

  void step() {
    if (is_json() && !begins_name_in_braces()) {
      take_json();
    } else if (source_[position_] == '{') {
      take_braces();
    } else if (source_.substr(position_).starts_with("${")) {
      take_foreign(source_.find('}', position_));
    } else if (source_[position_] == '%' && !url_bytes::is_escape(source_, position_)) {
      take_percent();
    } else {
      take_literal(1);
    }
  }

  // Else a brace is one of JSON.
  bool begins_name_in_braces() const noexcept {
    std::size_t end = position_ + 1;
    while (end < source_.size() && (ascii::is_alnum(source_[end]) || source_[end] == '_' || source_[end] == ':')) {
      ++end;
    }
    return source_[position_] == '{' && end < source_.size() && source_[end] == '}';
  }

  // One character, or two: an escape in a string, and what opens a macro of somebody else.
  void take_json() {
    const char c = source_[position_];
    const bool escape = in_string_ && c == '\\';
    const bool foreign = in_string_ && (source_.substr(position_).starts_with("{{") || (c == '$' && next_is('{')));
    if (c == '"') {
      in_string_ = !in_string_;
    }
    take_literal(std::min<std::size_t>(escape || foreign ? 2 : 1, source_.size() - position_));
  }

  bool next_is(char c) const noexcept { return position_ + 1 < source_.size() && source_[position_ + 1] == c; }

  void take_braces() {
    const bool doubled = source_.substr(position_).starts_with("{{");
    const std::size_t end = source_.find(doubled ? "}}" : "}", position_);
    if (doubled || end == std::string_view::npos) {
      take_foreign(end == std::string_view::npos ? end : end + 1);
    } else {
      take_macro(source_.substr(position_ + 1, end - position_ - 1));
    }
  }

  // Up to and with `last`; a macro that is never closed is one character of text.
  void take_foreign(std::size_t last) { take_literal(last == std::string_view::npos ? 1 : last + 1 - position_); }

  // `%NAME%` and `%%NAME%%` are macros of networks; any other lone percent sign means itself.
  void take_percent() {
    const std::size_t name = std::min(source_.find_first_not_of('%', position_), source_.size());
    std::size_t end = name;
    while (end < source_.size() && (ascii::is_alnum(source_[end]) || source_[end] == '_')) {
      ++end;
    }
    const std::size_t delimiter = name - position_;
    const bool is_macro = delimiter <= 2 && end > name && source_.substr(end, delimiter) == std::string(delimiter, '%');
    if (is_macro) {
      return take_literal(end + delimiter - position_);
    }
    append_literal("%25");
    ++position_;
  }

  // `inside` is what stands between single braces.
  void take_macro(std::string_view inside) {
    const std::size_t colon = inside.find(':');
    std::string_view name = inside.substr(0, colon);
    std::uint16_t modifiers = 0;
    auto macro = find(name);
    if (!macro && name.starts_with('_')) {
      macro = find(name.substr(1));
      modifiers = kModifierRaw;
    }
    const std::string_view modifier_list = colon == std::string_view::npos ? "" : inside.substr(colon);
    if (modifier_list == ":keep") {
      take_kept(name, inside.size() + 2);
    } else if (!macro) {
      take_unknown(name, inside.size() + 2);
    } else if (postback_ && (takes_argument(*macro) || *macro == Macro::lander_click)) {
      fail(position_, "macro {" + std::string(name) +
                          "} has no value in a postback. If it is a macro of somebody else, " + "write {" +
                          std::string(name) + ":keep}");
    } else if (takes_argument(*macro)) {
      take_call(*macro, name, inside.substr(std::min(name.size() + 1, inside.size())), modifiers);
      position_ += inside.size() + 2;
    } else if (!read_modifiers(modifier_list, modifiers)) {
      fail(position_ + 1 + name.size(), "modifier " + std::string(modifier_list) + " of macro {" + std::string(name) +
                                            "} is not known; use :raw, :lower, :hash or :keep");
    } else if (!fits_json(*macro, name, modifiers)) {
      return;
    } else {
      result_.parts.push_back({static_cast<std::uint16_t>(*macro), modifiers, 0, 0});
      position_ += inside.size() + 2;
    }
  }

  // What is always a number or nothing.
  static bool is_number(Macro macro) noexcept {
    constexpr Macro kNumbers[] = {conversion_macro::kPayout,
                                  conversion_macro::kRevenue,
                                  conversion_macro::kConversionId,
                                  conversion_macro::kTime,
                                  conversion_macro::kPartnerId,
                                  Macro::cost,
                                  Macro::time_s,
                                  Macro::campaign_id};
    return std::find(std::begin(kNumbers), std::end(kNumbers), macro) != std::end(kNumbers);
  }

  bool fits_json(Macro macro, std::string_view name, std::uint16_t& modifiers) {
    if (!is_json()) {
      return true;
    }
    if (!in_string_ && !is_number(macro)) {
      fail(position_, "macro {" + std::string(name) + "} must stand inside a string of the JSON");
      return false;
    }
    if ((modifiers & kModifierHash) != 0) {
      fail(position_, "macro {" + std::string(name) + "}: :hash is not for JSON");
      return false;
    }
    modifiers = static_cast<std::uint16_t>(modifiers | (in_string_ ? 0 : kModifierAlone));
    return true;
  }

  void take_call(Macro macro, std::string_view name, std::string_view text, std::uint16_t modifiers) {
    const MacroArgument argument = read_macro_argument(macro, text);
    if (!argument.error.empty()) {
      return fail(position_ + 1 + name.size(), "macro {" + std::string(name) + "}: " + argument.error +
                                                   ". If it is a macro of somebody else, write {" + std::string(name) +
                                                   ":keep}");
    }
    const auto zone = static_cast<std::uint16_t>(zone_number(argument.zone) << kZoneShift);
    const auto at = static_cast<std::uint32_t>(result_.text.size());
    result_.text += argument.text;
    result_.parts.push_back({static_cast<std::uint16_t>(macro),
                             static_cast<std::uint16_t>(modifiers | kModifierArgument | zone), at,
                             static_cast<std::uint32_t>(argument.text.size())});
  }

  // Counted from 1; 0 is UTC. A template has at most 255 parts behind its origin: the number fits into a byte.
  std::size_t zone_number(const std::string& name) {
    auto& zones = result_.zones;
    if (name.empty() || name == "UTC") {
      return 0;
    }
    const auto known = std::find(zones.begin(), zones.end(), name);
    if (known != zones.end()) {
      return static_cast<std::size_t>(known - zones.begin()) + 1;
    }
    zones.push_back(name);
    return zones.size();
  }

  static bool read_modifiers(std::string_view list, std::uint16_t& modifiers) {
    while (!list.empty()) {
      const std::size_t next = std::min(list.find(':', 1), list.size());
      const std::string_view modifier = list.substr(1, next - 1);
      if (modifier == "raw") {
        modifiers |= kModifierRaw;
      } else if (modifier == "lower") {
        modifiers |= kModifierLower;
      } else if (modifier == "hash") {
        modifiers |= kModifierHash;
      } else {
        return false;
      }
      list.remove_prefix(next);
    }
    return true;
  }

  void take_kept(std::string_view name, std::size_t length) {
    append_literal("{" + std::string(name) + "}");
    position_ += length;
  }

  void take_unknown(std::string_view name, std::size_t length) {
    const std::string quoted = "macro {" + std::string(name) + "}";
    if (is_sub_id_out_of_range(name)) {
      return fail(position_, quoted + " is not known: sub ids go from 1 to 30");
    }
    const std::string_view meant = similar(name);
    if (!meant.empty()) {
      return fail(position_, quoted + " is not known; did you mean {" + std::string(meant) + "}? If it is a macro of " +
                                 "somebody else, write {" + std::string(name) + ":keep}");
    }
    take_literal(length);
  }

  // "sub31", "sub_id_0": a numbered name whose number we do not have.
  static bool is_sub_id_out_of_range(std::string_view name) {
    const std::size_t digits = name.find_first_of("0123456789");
    if (digits == std::string_view::npos || digits < 3) {
      return false;
    }
    for (const char c : name.substr(digits)) {
      if (!ascii::is_digit(c)) {
        return false;
      }
    }
    return find_macro(std::string(name.substr(0, digits)) + "1").has_value();
  }

  void take_literal(std::size_t length) {
    append_literal(source_.substr(position_, length));
    position_ += length;
  }

  void append_literal(std::string_view text) {
    if (result_.parts.empty() || result_.parts.back().macro != 0) {
      result_.parts.push_back({0, 0, static_cast<std::uint32_t>(result_.text.size()), 0});
    }
    for (const char c : text) {
      append_encoded(c);
    }
    TemplatePart& part = result_.parts.back();
    part.length = static_cast<std::uint32_t>(result_.text.size() - part.offset);
  }

  void append_encoded(char c) {
    if (is_json() || url_bytes::allowed(c, url_bytes::kLiteral)) {
      result_.text += c;
      return;
    }
    const auto byte = static_cast<unsigned char>(c);
    result_.text += {'%', url_bytes::kHexDigits[byte >> 4], url_bytes::kHexDigits[byte & 15]};
  }

  std::string_view source_;
  std::optional<PostbackPart> postback_;  // else a destination
  std::size_t position_ = 0;
  bool in_string_ = false;  // of JSON
  CompiledTemplate result_;
  TemplateError error_;
};

}  // namespace

Result<CompiledTemplate, TemplateError> compile_template(std::string_view source) {
  return TemplateCompiler{source}.run();
}

Result<CompiledTemplate, TemplateError> compile_postback(std::string_view source, PostbackPart part) {
  return TemplateCompiler{source, part}.run();
}

}  // namespace tributary
