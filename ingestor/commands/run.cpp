#include <cstdlib>

#include "ingestor/commands/commands.h"
#include "ingestor/run/service.h"
#include "platform/http/server.h"
#include "platform/log/log.h"
#include "platform/process/stop_signals.h"
#include "platform/prometheus/prometheus.h"

namespace tributary::ingest {
namespace {

constexpr auto kStopTime = std::chrono::seconds(15);

http::Response answer(const Service& service, const http::Request& request) {
  if (request.method != "GET") return http::text_response(405, "GET only\n");
  if (request.path == "/metrics")
    return http::text_response(200, service.metrics(), std::string(kPrometheusContentType));
  if (request.path == "/healthz") return http::json_response(service.healthy() ? 200 : 503, service.health());
  return http::text_response(404, "see /metrics and /healthz\n");
}

}  // namespace

int run_command(const IngestorSettings& settings) {
  const StopSignals signals;
  log::start(log::level_from(settings.log_level), log::format_from(settings.log_format));
  Service service(settings);
  http::ServerOptions options;
  options.listen = settings.http_listen;
  options.workers = 1;
  options.max_connections = 32;
  http::Server server(options, [&](const http::Request& request) { return answer(service, request); });
  server.start();
  service.start();
  log::info("tributary-ingestor is running",
            {{"version", TRIBUTARY_VERSION}, {"journal", settings.journal_path}, {"listen", settings.http_listen}});
  log::info("stopping", {{"signal", signals.wait()}});
  server.stop();
  switch (service.stop(kStopTime)) {
    case Service::Stopped::clean: break;
    case Service::Stopped::maintenance_hangs:
      log::warning("a maintenance statement does not end: PostgreSQL is left to roll it back");
      std::_Exit(0);
    case Service::Stopped::outbound_hangs:
      log::warning("PostgreSQL does not answer: outbound postbacks that were answered just now may be sent again");
      std::_Exit(0);
    case Service::Stopped::session_hangs:
      log::error("PostgreSQL does not answer: ending at once, the batch in flight will be read again");
      std::_Exit(1);
  }
  log::info("stopped");
  return 0;
}

}  // namespace tributary::ingest
