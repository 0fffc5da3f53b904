#include <algorithm>
#include <cstdlib>
#include <string>

#include "core/base/ascii.h"
#include "core/url/next_hop.h"
#include "core/url/url_origin.h"

using namespace tributary;

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// As a browser reads it before it takes segments away.
std::string decoded_dots(std::string_view path) {
  std::string text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool dot = path[i] == '%' && i + 2 < path.size() && path[i + 1] == '2' && (path[i + 2] | 0x20) == 'e';
    text += dot ? '.' : path[i];
    i += dot ? 2 : 0;
  }
  return text;
}

void require_no_climbing(std::string_view path) {
  std::string text = decoded_dots(path) + "/";
  require(text.find("/./") == std::string::npos && text.find("/../") == std::string::npos);
}

}  // namespace

// The input is what a campaign allows and, after the first line break, what a request asks for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::size_t line = std::min(input.find('\n'), size);
  const std::string_view allowed = input.substr(0, line);
  const std::string_view url = input.substr(std::min(line + 1, size));
  if (!next_hop_problem(allowed).empty() || !is_next_hop(url, allowed)) {
    return 0;
  }
  require(url.size() <= kMaxNextHop);
  for (const char c : url) {
    require(static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '\\');
  }
  const std::size_t origin = check_url_origin(allowed).length;
  require(ascii::equal_ignoring_case(url.substr(0, origin), allowed.substr(0, origin)));
  const std::string_view rest = url.substr(origin);
  require(rest.empty() || std::string_view("/?#").find(rest[0]) != std::string_view::npos);
  require_no_climbing(rest.substr(0, rest.find_first_of("?#")));
  return 0;
}
