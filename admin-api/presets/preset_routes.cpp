#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "admin-api/api/route.h"
#include "admin-api/api/services.h"
#include "admin-api/presets/source_presets.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

http::Response list_source_presets(Context& context) {
  json::array presets;
  for (const auto& item : context.services.source_presets.all()) presets.push_back(item.second.shown);
  return http::json_response(200, json::serialize(json::object{{"data", std::move(presets)}}));
}

}  // namespace

void add_preset_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/source-presets", Access::signed_in, list_source_presets});
}

}  // namespace tributary::admin
