#include "ngx_module/place_finder.h"

#include <vector>

#include "ngx_module/str.h"

namespace tributary {
namespace {

std::vector<std::string> paths_of(const ngx_array_t* files) {
  std::vector<std::string> paths;
  for (ngx_uint_t i = 0; files != nullptr && i < files->nelts; ++i) {
    paths.emplace_back(view(static_cast<const ngx_str_t*>(files->elts)[i]));
  }
  return paths;
}

}  // namespace

PlaceFinder::PlaceFinder(const MainConf& conf)
    : configured_(conf.geo_files != nullptr), data_(paths_of(conf.geo_files)) {}

void PlaceFinder::refresh(ngx_log_t* log) {
  if (!configured_ || !data_.refresh()) return;
  std::string problems = data_.problems();
  if (problems != problems_ && !problems.empty()) {
    ngx_log_error(NGX_LOG_WARN, log, 0, "tributary: geo data: %s", problems.c_str());
  }
  problems_ = std::move(problems);
}

}  // namespace tributary
