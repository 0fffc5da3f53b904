#pragma once

#include "admin-api/api/route.h"
#include "platform/http/router.h"

namespace tributary::admin {

// From an HTTP request to an answer: route, who asks, may they, handler, and every error as a problem document.
// handle() may run on several threads.
class Application {
 public:
  explicit Application(Services& services);
  http::Response handle(const http::Request& request);
  // For commands on this machine: `principal` asks, no credential is looked for.
  http::Response handle_as(const http::Request& request, const Principal& principal);

  const Routes& routes() const noexcept { return routes_; }

 private:
  http::Response dispatch(const http::Request& request, const std::string& request_id, const Principal* principal);
  http::Response answer(const http::Request& request, const std::string& request_id, const Principal* principal);

  Services& services_;
  Routes routes_;
  http::Router router_;
};

}  // namespace tributary::admin
