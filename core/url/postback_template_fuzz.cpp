#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "core/base/utf8.h"
#include "core/request/json_body.h"
#include "core/url/conversion_macro.h"
#include "core/url/postback_template.h"
#include "core/url/url_origin.h"

using namespace tributary;

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// Amounts are numbers; every other macro has the same value.
class Values final : public MacroSource {
 public:
  explicit Values(std::string_view text) noexcept : text_(text) {}
  std::string_view value(Macro macro) noexcept override {
    return macro == conversion_macro::kPayout || macro == conversion_macro::kRevenue ? "1.5" : text_;
  }

 private:
  std::string_view text_;
};

void check_encoded(const CompiledTemplate& compiled, std::string_view value) {
  Values values{value};
  static std::array<char, kMaxRenderedUrl> out;
  const std::string_view text{out.data(), render_template(compiled.text, compiled.parts, values, out)};
  for (const char c : text) {
    require(static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f);
  }
}

// How many members a flat object has; 0 when the text is none.
std::size_t members(const std::string& json) {
  std::array<QueryParameter, 64> found;
  std::vector<char> memory(json.size());
  Arena arena{memory};
  const auto count = parse_flat_json(json, found, arena);
  return count.ok() ? *count : 0;
}

// Whatever the value is, the body has the members that it has with a harmless one.
void check_json(const CompiledTemplate& compiled, std::string_view value) {
  Values harmless{"x"};
  Values values{value};
  const std::size_t expected = members(render_json(compiled.text, compiled.parts, harmless));
  const std::string hostile = render_json(compiled.text, compiled.parts, values);
  require(hostile.empty() || members(hostile) == expected);
}

}  // namespace

// The first byte says which part it is, then comes its template and, after the first line break, the value of its
// macros.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto part = static_cast<PostbackPart>(data[0] % 3);
  const std::string_view input{reinterpret_cast<const char*>(data + 1), size - 1};
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string_view source = input.substr(0, line);
  const std::string_view value = input.substr(std::min(line + 1, input.size()));
  const auto compiled = compile_postback(source, part);
  if (!compiled.ok()) {
    require(!compiled.error().reason.empty() && compiled.error().offset <= source.size());
  } else if (part != PostbackPart::json) {
    check_encoded(*compiled, value);
  } else if (is_clean_text(value)) {
    check_json(*compiled, value);
  }
  return 0;
}
