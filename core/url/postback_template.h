#pragma once

#include "core/url/url_template.h"

// Postbacks that we send about a conversion: URLs and bodies with macros, compiled and filled in as those of
// destinations are.
namespace tributary {

enum class PostbackPart : std::uint8_t {
  url,
  form,  // a body of application/x-www-form-urlencoded
  json,  // or one of application/json
};

// Knows the macros of the conversion and those of its click, but none that takes an argument. In JSON a macro stands
// inside a string; only a number may stand alone. DOC: docs/outbound.md
Result<CompiledTemplate, TemplateError> compile_postback(std::string_view source, PostbackPart part);

inline constexpr std::size_t kMaxRenderedBody = 65536;

// What render_template() is for the other parts: every value escaped for a JSON string; a number that is missing is
// null. Values are UTF-8. Empty when it does not fit.
std::string render_json(std::string_view text, std::span<const TemplatePart> parts, MacroSource& values);

// Of a compiled json part: the macro stands outside of a string.
inline constexpr std::uint16_t kModifierAlone = 16;

}  // namespace tributary
