#include <cassert>
#include <cstring>

#include "core/url/url_bytes.h"
#include "core/url/url_template.h"

namespace tributary {
namespace {

using namespace url_bytes;

// The output and how much of it is left. Once something did not fit, the whole result is void.
class UrlWriter {
 public:
  explicit UrlWriter(std::span<char> out) noexcept : begin_(out.data()), next_(begin_), end_(begin_ + out.size()) {}

  void literal(std::string_view text) noexcept {
    if (text.size() > room()) {
      full_ = true;
      return;
    }
    if (!text.empty()) {
      std::memcpy(next_, text.data(), text.size());
      next_ += text.size();
    }
  }

  void value(std::string_view text, std::uint16_t modifiers) noexcept {
    const ByteClass kept = (modifiers & kModifierRaw) != 0 ? kRaw : kUnreserved;
    const bool lower = (modifiers & kModifierLower) != 0;
    char* next = next_;  // a local copy: stores through it cannot change what the compiler knows of it
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = lower ? ascii::to_lower(text[i]) : text[i];
      const bool keep = allowed(c, kept) || (kept == kRaw && is_escape(text, i));
      if (end_ - next < (keep ? 1 : 3)) {
        full_ = true;
        return;
      }
      if (keep) {
        *next++ = c;
        continue;
      }
      const auto byte = static_cast<unsigned char>(c);
      *next++ = '%';
      *next++ = kHexDigits[byte >> 4];
      *next++ = kHexDigits[byte & 15];
    }
    next_ = next;
  }

  std::size_t written() const noexcept { return full_ ? 0 : static_cast<std::size_t>(next_ - begin_); }

 private:
  std::size_t room() const noexcept { return static_cast<std::size_t>(end_ - next_); }

  char* begin_;
  char* next_;
  char* end_;
  bool full_ = false;
};

}  // namespace

std::size_t render_template(std::string_view text, std::span<const TemplatePart> parts, MacroSource& values,
                            std::span<char> out) noexcept {
  UrlWriter writer{out};
  for (const TemplatePart& part : parts) {
    if (part.macro == 0) {
      assert(part.offset <= text.size() && part.length <= text.size() - part.offset);
      writer.literal({text.data() + part.offset, part.length});
    } else {
      writer.value(values.value(static_cast<Macro>(part.macro)), part.modifiers);
    }
  }
  return writer.written();
}

}  // namespace tributary
