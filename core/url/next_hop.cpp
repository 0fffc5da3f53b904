#include "core/url/next_hop.h"

#include <algorithm>

#include "core/base/ascii.h"
#include "core/url/url_bytes.h"
#include "core/url/url_origin.h"

namespace tributary {
namespace {

struct Parts {
  std::string_view origin;
  std::string_view path;  // without query and fragment
};

Parts split(std::string_view url, std::size_t origin_length) noexcept {
  const std::string_view rest = url.substr(origin_length);
  return {url.substr(0, origin_length), rest.substr(0, rest.find_first_of("?#"))};
}

// One byte of a path, decoded once; moves `at` behind it.
char decoded_byte(std::string_view path, std::size_t& at) noexcept {
  if (!url_bytes::is_escape(path, at)) {
    return path[at++];
  }
  const int byte = ascii::hex_value(path[at + 1]) * 16 + ascii::hex_value(path[at + 2]);
  at += 3;
  return static_cast<char>(byte);
}

// Whether a browser or a server may read the path as another one: "." and ".." between slashes of either kind, and
// control bytes, however they are encoded.
bool misleads(std::string_view path) noexcept {
  std::size_t dots = 0;
  bool only_dots = true;
  for (std::size_t at = 0; at < path.size();) {
    const char c = decoded_byte(path, at);
    const bool parameters = c == ';' && only_dots && dots > 0;  // "..;x" is ".." to some servers
    if (ascii::is_control(c) || parameters) {
      return true;
    }
    if (c == '/' || c == '\\') {
      if (only_dots && dots > 0) {
        return true;
      }
      dots = 0;
      only_dots = true;
    } else if (c == '.') {
      ++dots;
    } else {
      only_dots = false;
    }
  }
  return only_dots && dots > 0;
}

bool is_plain_url(std::string_view url) noexcept {
  return std::all_of(url.begin(), url.end(), [](char c) {
    return url_bytes::allowed(c, url_bytes::kLiteral) && c != '{' && c != '}' && c != '[' && c != ']';
  });
}

bool has_user_info(std::string_view origin) noexcept {
  return origin.find('@') != std::string_view::npos;
}

}  // namespace

std::string_view next_hop_problem(std::string_view allowed) noexcept {
  const UrlOrigin origin = check_url_origin(allowed);
  if (!origin.error.empty()) {
    return origin.error;
  }
  if (has_user_info(allowed.substr(0, origin.length))) {
    return "must not hold user info";
  }
  if (allowed.size() > kMaxNextHop || !is_plain_url(allowed) || allowed.find_first_of("?#") != std::string_view::npos) {
    return "must be a URL without query and fragment, of printable characters";
  }
  return misleads(allowed.substr(origin.length)) ? "must not hold the segments . and .." : "";
}

bool is_next_hop(std::string_view url, std::string_view allowed) noexcept {
  if (url.size() > kMaxNextHop || !is_plain_url(url)) {
    return false;
  }
  const UrlOrigin origin = check_url_origin(url);
  if (!origin.error.empty()) {
    return false;
  }
  const Parts given = split(url, origin.length);
  const Parts wanted = split(allowed, check_url_origin(allowed).length);
  if (!ascii::equal_ignoring_case(given.origin, wanted.origin) || misleads(given.path)) {
    return false;
  }
  const std::string_view below =
      wanted.path.ends_with('/') ? wanted.path.substr(0, wanted.path.size() - 1) : wanted.path;
  return given.path.starts_with(below) && (given.path.size() == below.size() || given.path[below.size()] == '/');
}

}  // namespace tributary
