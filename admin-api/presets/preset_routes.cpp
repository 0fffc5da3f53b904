#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "admin-api/api/route.h"
#include "admin-api/api/services.h"
#include "admin-api/presets/presets.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

http::Response listed(const Presets& presets) {
  json::array all;
  for (const auto& item : presets.all()) all.push_back(item.second.shown);
  return http::json_response(200, json::serialize(json::object{{"data", std::move(all)}}));
}

}  // namespace

void add_preset_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/source-presets", Access::signed_in,
                    [](Context& context) { return listed(context.services.source_presets); }});
  routes.push_back({"GET", "/api/v1/network-presets", Access::signed_in,
                    [](Context& context) { return listed(context.services.network_presets); }});
}

}  // namespace tributary::admin
