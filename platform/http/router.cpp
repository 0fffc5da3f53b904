#include "platform/http/router.h"

#include <algorithm>
#include <stdexcept>

namespace tributary::http {
namespace {

constexpr std::size_t kMaxSegments = 16;

bool is_variable(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{';
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (segments.size() <= kMaxSegments) {
    const auto end = path.find('/');
    segments.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  return segments;
}

// How many literal segments agree, or -1 when the path is another one. An empty segment is no value.
int score(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return -1;
  int literals = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (is_variable(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return -1;
    literals += is_variable(pattern[i]) ? 0 : 1;
  }
  return literals;
}

}  // namespace

std::size_t Router::add(std::string method, std::string_view pattern) {
  auto segments = split(pattern);
  for (const auto& route : routes_) {
    if (route.method == method && route.segments == segments) {
      throw std::invalid_argument("route added twice: " + method + " " + std::string(pattern));
    }
  }
  routes_.push_back({std::move(method), std::move(segments)});
  return routes_.size() - 1;
}

RouteMatch Router::find(std::string_view method, std::string_view path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  const auto segments = split(path);
  RouteMatch match;
  int best = -1;
  std::vector<std::string_view> allowed;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const int literals = score(routes_[i].segments, segments);
    if (literals < 0) continue;
    allowed.push_back(routes_[i].method);
    if (routes_[i].method != wanted || literals <= best) continue;
    best = literals;
    match.outcome = RouteMatch::Outcome::found;
    match.route = i;
  }
  if (best >= 0) {
    const auto& pattern = routes_[match.route].segments;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (is_variable(pattern[i])) match.parameters.push_back(segments[i]);
    }
  } else if (!allowed.empty()) {
    match.outcome = RouteMatch::Outcome::other_method;
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    for (const auto name : allowed) match.allow += (match.allow.empty() ? "" : ", ") + std::string(name);
  }
  return match;
}

}  // namespace tributary::http
