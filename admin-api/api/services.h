#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "admin-api/auth/jwt.h"
#include "admin-api/auth/login_limiter.h"
#include "admin-api/auth/password.h"
#include "admin-api/db/pool.h"

namespace tributary {
class PrometheusWriter;
}

namespace tributary::admin {

class HealthChecker;
class Pusher;
class Presets;
class VisitorSource;

// What handlers work with; made by `serve`, lives as long as the server. Everything in it is safe for several threads.
struct Services {
  ConnectionPool& pool;
  const JwtSigner& signer;
  PasswordHasher& passwords;
  LoginLimiter& logins;
  Pusher& pusher;
  HealthChecker& health;
  const Presets& source_presets;
  const Presets& network_presets;
  std::string schema_path;
  std::string public_url;
  bool secure_cookies = true;
  bool registration_open = true;
  bool trust_forwarded_address = false;
  std::chrono::seconds access_lifetime{600};
  std::chrono::seconds refresh_lifetime{1'209'600};
  std::function<void(PrometheusWriter&)> add_metrics = {};  // of what `serve` starts after this
  VisitorSource* visitors = nullptr;
};

}  // namespace tributary::admin
