#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/api/this_host.h"
#include "admin-api/json/yaml_json.h"
#include "admin-api/snapshot/pusher.h"
#include "core/base/whole_file.h"
#include "platform/prometheus/prometheus.h"

namespace tributary::admin {
namespace {

// The process lives and answers; nothing else is asked.
http::Response health(Context&) {
  return http::json_response(200, R"({"status":"ok"})");
}

// PostgreSQL answers too: requests can be served.
http::Response ready(Context& context) {
  ScopedTransaction transaction(context.services.pool, kSystemScope, TransactionKind::read_only);
  transaction.execute("SELECT 1");
  return http::json_response(200, R"({"status":"ready"})");
}

void counter(PrometheusWriter& out, const char* name, const char* help, std::uint64_t value) {
  out.counter(name, help);
  out.sample(value);
}

http::Response metrics(Context& context) {
  require_this_host(context);
  const auto& pusher = context.services.pusher.counters();
  PrometheusWriter out;
  counter(out, "tributary_admin_compiled_total", "Generations compiled.", pusher.compiled);
  counter(out, "tributary_admin_compile_failures_total", "Generations that could not be compiled.",
          pusher.compile_failures);
  counter(out, "tributary_admin_pushes_total", "Pushes begun.", pusher.pushes);
  counter(out, "tributary_admin_push_failures_total", "Pushes and questions that an edge did not answer well.",
          pusher.push_failures);
  counter(out, "tributary_admin_pool_exhausted_total", "Requests that got no PostgreSQL connection.",
          context.services.pool.exhausted());
  counter(out, "tributary_admin_login_limiter_evicted_total", "Entries the full table of failed logins gave up.",
          context.services.logins.evicted());
  out.gauge("tributary_admin_pool_in_use", "PostgreSQL connections in use.");
  out.sample(static_cast<std::uint64_t>(context.services.pool.in_use()));
  out.gauge("tributary_admin_last_compile_seconds", "How long the last compilation took.");
  out.sample(static_cast<double>(pusher.last_compile_us) / 1e6);
  if (context.services.add_metrics) context.services.add_metrics(out);
  return http::text_response(200, out.take(), std::string(kPrometheusContentType));
}

std::string read_spec(const Context& context) {
  auto text = read_whole_file(context.services.schema_path + "/openapi.yaml");
  if (!text) throw not_found();
  return *std::move(text);
}

http::Response openapi_yaml(Context& context) {
  return http::text_response(200, read_spec(context), "application/yaml");
}

http::Response openapi_json(Context& context) {
  return http::json_response(200, yaml_to_json(read_spec(context)));
}

}  // namespace

void require_this_host(const Context& context) {
  const auto& peer = context.request.peer;
  const bool local = peer == "unix" || peer == "::1" || peer.starts_with("127.");
  if (!local || !context.request.header("x-real-ip").empty()) throw forbidden("this is read on this host only");
}

void add_system_routes(Routes& routes) {
  routes.push_back({"GET", "/health", Access::open, health});
  routes.push_back({"GET", "/ready", Access::open, ready});
  routes.push_back({"GET", "/metrics", Access::open, metrics});
  routes.push_back({"GET", "/api/v1/openapi.yaml", Access::open, openapi_yaml});
  routes.push_back({"GET", "/api/v1/openapi.json", Access::open, openapi_json});
}

}  // namespace tributary::admin
