#include <cstring>

#include "core/base/ascii.h"
#include "core/request/query.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxLabel = 63;

bool is_host_name(std::string_view host) noexcept {
  std::size_t label = 0;
  for (const char c : host) {
    if (c == '.') {
      if (label == 0) {
        return false;
      }
      label = 0;
    } else if (ascii::is_alnum(c) || c == '-' || c == '_') {
      ++label;
    } else {
      return false;
    }
    if (label > kMaxLabel) {
      return false;
    }
  }
  return label != 0;
}

// "[...]" of hexadecimal digits, colons and dots; what is inside is compared as text, never connected to.
bool is_ipv6_literal(std::string_view host) noexcept {
  if (host.size() < 4 || host.front() != '[' || host.back() != ']') {
    return false;
  }
  for (const char c : host.substr(1, host.size() - 2)) {
    if (ascii::hex_value(c) < 0 && c != ':' && c != '.') {
      return false;
    }
  }
  return true;
}

std::string_view without_port(std::string_view host) noexcept {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || (host.front() == '[' && host.back() == ']')) {
    return host;
  }
  for (const char c : host.substr(colon + 1)) {
    if (!ascii::is_digit(c)) {
      return {};
    }
  }
  return host.substr(0, colon);
}

}  // namespace

std::string_view normalise_host(std::string_view host, std::span<char> buffer) noexcept {
  if (host.empty()) {
    return {};
  }
  host = without_port(host);
  if (!host.empty() && host.back() == '.') {
    host.remove_suffix(1);
  }
  if (host.empty() || host.size() > kMaxHost || (!is_host_name(host) && !is_ipv6_literal(host))) {
    return {};
  }
  bool changed = false;
  for (const char c : host) {
    changed = changed || ascii::is_upper(c);
  }
  if (!changed) {
    return host;
  }
  if (host.size() > buffer.size()) {
    return {};
  }
  for (std::size_t i = 0; i < host.size(); ++i) {
    buffer[i] = ascii::to_lower(host[i]);
  }
  return {buffer.data(), host.size()};
}

}  // namespace tributary
