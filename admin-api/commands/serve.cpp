#include <cstring>

#include "admin-api/commands/click_keys.h"
#include "admin-api/commands/commands.h"
#include "admin-api/db/migrations.h"
#include "admin-api/runtime.h"
#include "platform/http/server.h"
#include "platform/log/log.h"
#include "platform/process/stop_signals.h"
#include "platform/prometheus/prometheus.h"

namespace tributary::admin {
namespace {

http::ServerOptions server_options(const Settings& settings) {
  http::ServerOptions options;
  options.listen = settings.text("listen");
  options.workers = static_cast<unsigned>(settings.integer("http.workers"));
  options.max_body_bytes = static_cast<std::uint64_t>(settings.integer("http.max_body_bytes"));
  return options;
}

void add_server_metrics(PrometheusWriter& out, const http::ServerCounters& counters) {
  const auto counter = [&](const char* name, const char* help, const std::atomic<std::uint64_t>& value) {
    out.counter(name, help);
    out.sample(value.load());
  };
  counter("tributary_admin_connections_total", "Connections accepted.", counters.connections);
  counter("tributary_admin_connections_refused_total", "Connections above the limit.", counters.connections_refused);
  counter("tributary_admin_requests_total", "Requests read.", counters.requests);
  counter("tributary_admin_requests_refused_total", "Requests above the limit of waiting ones.",
          counters.requests_refused);
  counter("tributary_admin_requests_malformed_total", "Requests that were not HTTP.", counters.requests_malformed);
  counter("tributary_admin_requests_too_large_total", "Headers and bodies above their limits.",
          counters.requests_too_large);
  counter("tributary_admin_timeouts_total", "Requests that came too slowly.", counters.timeouts);
}

}  // namespace

int serve(const Settings& settings) {
  const StopSignals signals;
  {
    Connection connection(connect_options(settings));
    require_current_schema(connection, settings.text("schema_path") + "/migrations");
  }
  Runtime runtime(settings, Runtime::Purpose::serve);
  ensure_click_key(runtime.pool());
  http::Server server(server_options(settings),
                      [&](const http::Request& request) { return runtime.application().handle(request); });
  runtime.services().add_metrics = [&](PrometheusWriter& out) {
    add_server_metrics(out, server.counters());
    runtime.add_background_metrics(out);
  };
  runtime.start_background();
  server.start();
  log::info("listening", {{"address", settings.text("listen")}, {"port", server.port()}});

  log::info("stopping", {{"signal", strsignal(signals.wait())}});
  server.stop();
  runtime.stop_background();
  return 0;
}

}  // namespace tributary::admin
