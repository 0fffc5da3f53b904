#pragma once

#include <string>

#include "core/geo/geo_data.h"
#include "ngx_module/conf.h"

namespace tributary {

// The geo data of one worker. Replaced files are taken up between requests.
class PlaceFinder {
 public:
  explicit PlaceFinder(const MainConf& conf);

  bool configured() const noexcept { return configured_; }
  // The views live until the next refresh().
  Place find(std::span<const std::uint8_t> address) const noexcept { return data_.find(address); }
  // Opens what is new and says, once per change, what cannot be used.
  void refresh(ngx_log_t* log);

 private:
  bool configured_;
  GeoData data_;
  std::string problems_;
};

}  // namespace tributary
