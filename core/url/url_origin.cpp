#include "core/url/url_origin.h"

#include "core/base/ascii.h"
#include "core/request/query.h"
#include "core/url/url_bytes.h"

namespace tributary {
namespace {

constexpr std::string_view kUserInfoPunctuation = "-._~!$&'()*+,;=:";

std::size_t scheme_length(std::string_view text) noexcept {
  for (const std::string_view scheme : {std::string_view("https://"), std::string_view("http://")}) {
    if (ascii::equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
      return scheme.size();
    }
  }
  return 0;
}

bool is_user_info(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (url_bytes::is_escape(text, i)) {
      i += 2;
    } else if (!ascii::is_alnum(text[i]) && kUserInfoPunctuation.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// What follows the host: nothing, or a colon and a number from 1 to 65535.
bool is_port(std::string_view text) noexcept {
  if (text.empty()) {
    return true;
  }
  unsigned port = 0;
  for (const char c : text.substr(1)) {
    if (!ascii::is_digit(c) || text.size() > 6) {
      return false;
    }
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  return text.front() == ':' && port >= 1 && port <= 65535;
}

std::size_t end_of_host(std::string_view text) noexcept {
  const std::size_t end = text.starts_with('[') ? text.find(']') : text.find(':');
  if (end == std::string_view::npos) {
    return text.size();
  }
  return text[end] == ']' ? end + 1 : end;
}

bool is_host(std::string_view host) noexcept {
  char buffer[256];
  return !normalise_host(host, buffer).empty();
}

}  // namespace

UrlOrigin check_url_origin(std::string_view text) noexcept {
  const std::size_t start = scheme_length(text);
  if (start == 0) {
    return {0, 0, "scheme must be http or https, written http://host or https://host"};
  }
  const std::size_t end = std::min(text.find_first_of("/?#", start), text.size());
  const std::string_view authority = text.substr(start, end - start);
  const std::size_t macro = authority.find_first_of("{}");
  if (macro != std::string_view::npos) {
    return {0, start + macro, "host and port must be literal: a macro cannot choose where visitors go"};
  }
  const std::size_t at = authority.rfind('@');
  const std::size_t host_start = at == std::string_view::npos ? 0 : at + 1;
  if (at != std::string_view::npos && !is_user_info(authority.substr(0, at))) {
    return {0, start, "user info before '@' holds a character that must be percent-encoded"};
  }
  const std::string_view rest = authority.substr(host_start);
  const std::size_t host_length = end_of_host(rest);
  if (!is_host(rest.substr(0, host_length))) {
    return {0, start + host_start,
            "host is missing or not a host name; write international names in punycode (xn--...)"};
  }
  if (!is_port(rest.substr(host_length))) {
    return {0, start + host_start + host_length, "port must be a number from 1 to 65535"};
  }
  return {end, 0, {}};
}

}  // namespace tributary
