#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/url/macro.h"

// Destination URLs with macros: compiled once when the snapshot is built, rendered for every click.
namespace tributary {

inline constexpr std::size_t kMaxTemplateLength = 8192;
inline constexpr std::size_t kMaxTemplateParts = 256;
inline constexpr std::size_t kMaxRenderedUrl = 16384;

// Same shape as fbs::TemplatePart.
struct TemplatePart {
  std::uint16_t macro = 0;
  std::uint16_t modifiers = 0;
  std::uint32_t offset = 0;  // literal or argument: bytes of `text`
  std::uint32_t length = 0;
};

struct CompiledTemplate {
  std::string text;
  std::vector<TemplatePart> parts;
  std::vector<std::string> zones;  // IANA names that dates ask for
};

struct TemplateError {
  std::size_t offset = 0;  // in the source text
  std::string reason;      // "scheme must be http or https", "macro {clikid} is not known; did you mean {clickid}?"
};

// `{name}` with modifiers `{name:raw}`, `{name:lower}`, `{name:hash}` and, as in Keitaro, `{_name}` (raw), for names
// that we know. `{date:FORMAT,ZONE}`, `{random:FROM,TO}` and `{sample:a,b,c}` take an argument instead. What looks like
// a slip of one of ours is an error; anything else in braces, and everything in the delimiters of others
// (`{{x}}`, `${x}`, `[x]`, `#x#`, `%x%`, ...), is a foreign macro and stays as it is. `{name:keep}` stays as `{name}`,
// even for a name of ours.
// The scheme is http or https; scheme, user info, host and port are literal: a macro there is refused. Control bytes
// are refused; what a URL cannot hold (spaces, quotes, bytes above 0x7e, ...) is percent-encoded. DOC: docs/macros.md
Result<CompiledTemplate, TemplateError> compile_template(std::string_view source);

// {date}, {random} or {sample} as it was compiled.
struct MacroCall {
  Macro macro = Macro::literal;
  std::string_view argument;
  std::uint32_t zone = 0;  // which zone of the template, counted from 1; 0 is UTC
};

// Fills in values while rendering. A view must live until the next call. Only what a template names is asked for.
class MacroSource {
 public:
  virtual std::string_view value(Macro macro) noexcept = 0;
  virtual std::string_view computed(const MacroCall&) noexcept { return {}; }

 protected:
  ~MacroSource() = default;
};

// Bytes written to `out`, or 0 when it does not fit. The result has no control byte and no space, keeps the scheme and
// the host of the template, and every value is percent-encoded for its place. Values are inserted once: a macro in a
// value stays text. A missing value renders as nothing.
std::size_t render_template(std::string_view text, std::span<const TemplatePart> parts, MacroSource& values,
                            std::span<char> out) noexcept;

}  // namespace tributary
