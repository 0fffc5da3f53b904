#include "core/condition/search_engine.h"

#include <array>

#include "core/base/ascii.h"

namespace tributary {
namespace {

struct Engine {
  std::string_view name;
  std::string_view domain;  // with a dot at its end: under any top-level domain
};

constexpr Engine kEngines[] = {
    {"google", "google."},          {"bing", "bing.com"},
    {"yandex", "yandex."},          {"yandex", "ya.ru"},
    {"yahoo", "search.yahoo."},     {"duckduckgo", "duckduckgo.com"},
    {"baidu", "baidu.com"},         {"mail.ru", "go.mail.ru"},
    {"ecosia", "ecosia.org"},       {"brave", "search.brave.com"},
    {"qwant", "qwant.com"},         {"naver", "search.naver.com"},
    {"seznam", "search.seznam.cz"}, {"startpage", "startpage.com"},
    {"sogou", "sogou.com"},         {"360", "so.com"},
    {"rambler", "nova.rambler.ru"}, {"ask", "ask.com"},
    {"aol", "search.aol.com"},      {"yahoo", "search.yahoo.co.jp"},
    {"coccoc", "coccoc.com"},       {"google", "googlequicksearchbox"},
};

std::string_view host_of(std::string_view url) noexcept {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) {
    return {};
  }
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#:"));
}

// "com", "co.uk", "com.tr": what may stand behind the name of an engine.
bool is_top_level(std::string_view text) noexcept {
  const auto dot = text.find('.');
  return text.size() >= 2 && text.size() <= 6 &&
         (dot == std::string_view::npos || (dot <= 3 && dot + 3 == text.size()));
}

// `host` is the domain or a name below it.
bool belongs_to(std::string_view host, std::string_view domain) noexcept {
  for (std::size_t at = 0; at < host.size(); ++at) {
    if (at > 0 && host[at - 1] != '.') {
      continue;
    }
    const std::string_view rest = host.substr(at);
    const bool begins =
        rest.size() >= domain.size() && ascii::equal_ignoring_case(rest.substr(0, domain.size()), domain);
    if (begins && (domain.back() == '.' ? is_top_level(rest.substr(domain.size())) : rest.size() == domain.size())) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string_view search_engine_of(std::string_view referrer) noexcept {
  const std::string_view host = host_of(referrer);
  if (host.empty() || host.size() > 253) {
    return {};
  }
  for (const Engine& engine : kEngines) {
    if (belongs_to(host, engine.domain)) {
      return engine.name;
    }
  }
  return {};
}

}  // namespace tributary
