#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Finds the route of a request. A pattern is a path whose variable segments are written {name}:
// `/api/v1/campaigns/{id}`. What a route does is the business of its owner, who keeps a table of the same order.
//
// Thread-safety: add everything first; find() is const and may run on any thread.
namespace tributary::http {

struct RouteMatch {
  enum class Outcome : std::uint8_t { found, no_such_path, other_method } outcome = Outcome::no_such_path;
  std::size_t route = 0;                // the number that add() returned
  std::vector<std::string> parameters;  // values of the variable segments, in order
  std::string allow;                    // for other_method: "GET, POST"
};

class Router {
 public:
  // Returns 0, 1, 2, … Throws std::invalid_argument when the same method and pattern was added before.
  std::size_t add(std::string method, std::string_view pattern);
  // HEAD finds the route of GET. A literal segment wins over a variable one.
  RouteMatch find(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
  };
  std::vector<Route> routes_;
};

}  // namespace tributary::http
