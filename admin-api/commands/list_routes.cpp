#include <boost/json/serialize.hpp>
#include <iostream>

#include "admin-api/api/route.h"
#include "admin-api/commands/commands.h"

namespace tributary::admin {

// For the tests that compare the routes with the specification and try every one of them as a stranger.
int list_routes() {
  boost::json::array list;
  for (const auto& route : all_routes()) {
    list.push_back(boost::json::object{
        {"method", route.method}, {"path", route.pattern}, {"access", std::string(access_name(route.access))}});
  }
  std::cout << boost::json::serialize(list) << "\n";
  return 0;
}

}  // namespace tributary::admin
