#include "admin-api/health/probe.h"

#include <algorithm>
#include <array>

#include "core/url/url_template.h"

namespace tributary::admin {
namespace {

class NoValues final : public MacroSource {
 public:
  std::string_view value(Macro) noexcept override { return {}; }
};

std::string host_of(std::string_view url) {
  url.remove_prefix(url.find("//") + 2);
  url = url.substr(0, url.find_first_of("/?#"));
  url.remove_prefix(url.rfind('@') + 1);  // npos + 1 is 0
  std::string host(url);
  std::transform(host.begin(), host.end(), host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return host;
}

}  // namespace

std::optional<Probe> probe_url(std::string_view url_template) {
  const auto compiled = compile_template(url_template);
  if (!compiled) return std::nullopt;
  std::array<char, kMaxRenderedUrl> out;
  NoValues values;
  const auto length = render_template(compiled->text, compiled->parts, values, out);
  if (length == 0) return std::nullopt;
  const std::string_view url(out.data(), length);
  return Probe{std::string(url), host_of(url)};
}

}  // namespace tributary::admin
