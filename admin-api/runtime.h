#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>

#include "admin-api/api/application.h"
#include "admin-api/explain/visitor_lookup.h"
#include "admin-api/facts/fact_counter.h"
#include "admin-api/health/health_checker.h"
#include "admin-api/presets/presets.h"
#include "admin-api/snapshot/overlay_pusher.h"
#include "admin-api/snapshot/pusher.h"
#include "platform/settings/settings.h"

namespace tributary::admin {

// What both the server and the commands stand on. A command works without keys: it signs nothing.
class Runtime {
 public:
  enum class Purpose { serve, command };
  Runtime(const Settings& settings, Purpose purpose);

  // Calls a route of the API as the system itself: same validation, same audit. Throws std::runtime_error with the
  // problem unless the answer is 2xx.
  boost::json::value call(const std::string& method, const std::string& target, const std::string& body = {});

  ConnectionPool& pool() noexcept { return pool_; }
  Services& services() noexcept { return services_; }
  // What `serve` runs beside the requests: pushes of generations and of overlays, health checks, caps and earnings.
  void start_background();
  void stop_background() noexcept;
  void add_background_metrics(PrometheusWriter& out) const;
  Application& application() noexcept { return application_; }

 private:
  ConnectionPool pool_;
  JwtSigner signer_;
  PasswordHasher passwords_;
  LoginLimiter logins_;
  Pusher pusher_;
  OverlayPusher overlays_;
  HealthChecker health_;
  FactCounter facts_;
  VisitorLookup visitors_;
  Presets source_presets_;
  Presets network_presets_;
  Services services_;
  Application application_;
};

// Connects as the program does; for commands that need nothing else.
ConnectOptions connect_options(const Settings& settings);
// The owner of the schema, who migrates.
ConnectOptions owner_options(const Settings& settings);

}  // namespace tributary::admin
