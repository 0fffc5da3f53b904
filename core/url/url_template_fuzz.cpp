#include <array>
#include <cstdlib>
#include <string>

#include "core/url/url_origin.h"
#include "core/url/url_template.h"

using namespace tributary;

namespace {

// Every macro has the same value: the worst one that the input names.
class OneValue final : public MacroSource {
 public:
  explicit OneValue(std::string_view text) noexcept : text_(text) {}
  std::string_view value(Macro) noexcept override { return text_; }
  // The argument that was compiled, or the worst value: whoever computes may return anything.
  std::string_view computed(const MacroCall& call) noexcept override {
    return text_.size() % 2 == 0 ? text_ : call.argument;
  }

 private:
  std::string_view text_;
};

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

// The input is a template and, after the first line break, the value of its macros.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::size_t line = std::min(input.find('\n'), size);
  const std::string_view source = input.substr(0, line);
  const auto url = compile_template(source);
  if (!url.ok()) {
    require(!url.error().reason.empty() && url.error().offset <= source.size());
    return 0;
  }
  const UrlOrigin origin = check_url_origin(source);
  require(origin.error.empty() && url->parts.size() <= kMaxTemplateParts);

  OneValue value{input.substr(std::min(line + 1, size))};
  static std::array<char, kMaxRenderedUrl> out;
  const std::size_t length = render_template(url->text, url->parts, value, out);
  const std::string_view rendered{out.data(), length};
  for (const char c : rendered) {
    require(static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f);
  }
  if (length != 0) {
    require(rendered.substr(0, origin.length) == source.substr(0, origin.length));
    require(length == origin.length || std::string_view("/?#").find(rendered[origin.length]) != std::string_view::npos);
  }
  return 0;
}
