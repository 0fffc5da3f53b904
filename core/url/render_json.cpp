#include "core/base/ascii.h"
#include "core/url/postback_template.h"

namespace tributary {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void append_escaped(std::string& out, std::string_view value, bool lower) {
  for (char c : value) {
    c = lower ? ascii::to_lower(c) : c;
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (ascii::is_control(c)) {
      const auto byte = static_cast<unsigned char>(c);
      out += {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string render_json(std::string_view text, std::span<const TemplatePart> parts, MacroSource& values) {
  std::string out;
  for (const TemplatePart& part : parts) {
    if (part.macro == 0) {
      out += text.substr(part.offset, part.length);
    } else {
      const std::string_view value = values.value(static_cast<Macro>(part.macro));
      const bool missing = value.empty() && (part.modifiers & kModifierAlone) != 0;
      append_escaped(out, missing ? "null" : value, (part.modifiers & kModifierLower) != 0);
    }
    if (out.size() > kMaxRenderedBody) {
      return {};
    }
  }
  return out;
}

}  // namespace tributary
