#include "ngx_module/visitor_data.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "core/geo/geo_data.h"
#include "core/user_agent/agent_rules.h"
#include "ngx_module/conf.h"
#include "ngx_module/directive_checks.h"
#include "ngx_module/guard.h"
#include "ngx_module/str.h"

// DOC: docs/directives.md
namespace tributary {
namespace {

ngx_str_t* arguments(ngx_conf_t* cf) noexcept {
  return static_cast<ngx_str_t*>(cf->args->elts);
}

char* duplicate() noexcept {
  return const_cast<char*>("is duplicate");
}

// A file that is not there yet may come later; one that cannot be used would be left out without anybody noticing.
char* check_geo_file(ngx_conf_t* cf, const ngx_str_t& path) {
  if (::access(std::string(view(path)).c_str(), F_OK) != 0) {
    ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "\"tributary_geoip\": \"%V\" is not there: places stay unknown until it is",
                       &path);
    return NGX_CONF_OK;
  }
  GeoData data({std::string(view(path))});
  data.refresh();
  const std::string problems = data.problems();
  if (problems.empty()) return NGX_CONF_OK;
  return refuse(cf, "%s: write the path of a MaxMind DB file", problems.c_str());
}

void delete_rules(void* rules) noexcept {
  delete static_cast<const AgentRules*>(rules);
}

// Belongs to the cycle: the workers that are forked from it have it without reading anything.
char* keep_rules(ngx_conf_t* cf, std::unique_ptr<const AgentRules> rules, MainConf& conf) noexcept {
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, 0);
  if (cleanup == nullptr) return failed_conf();
  conf.agent_rules = rules.release();
  cleanup->handler = delete_rules;
  cleanup->data = const_cast<AgentRules*>(conf.agent_rules);
  return NGX_CONF_OK;
}

}  // namespace

char* geoip_directive(ngx_conf_t* cf, ngx_command_t*, void* opaque) noexcept {
  auto* conf = static_cast<MainConf*>(opaque);
  if (conf->geo_files != nullptr) return duplicate();
  conf->geo_files = ngx_array_create(cf->pool, cf->args->nelts, sizeof(ngx_str_t));
  if (conf->geo_files == nullptr) return failed_conf();
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    ngx_str_t path = arguments(cf)[i];
    if (path.len == 0) return refuse(cf, "the path is empty: write that of a MaxMind DB file");
    auto* place = static_cast<ngx_str_t*>(ngx_array_push(conf->geo_files));
    if (place == nullptr || ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) return failed_conf();
    *place = path;
    char* checked = guarded(cf->log, failed_conf(), [&] { return check_geo_file(cf, path); });
    if (checked != NGX_CONF_OK) return checked;
  }
  return NGX_CONF_OK;
}

char* user_agents_directive(ngx_conf_t* cf, ngx_command_t*, void* opaque) noexcept {
  auto* conf = static_cast<MainConf*>(opaque);
  if (conf->agent_rules != nullptr) return duplicate();
  ngx_str_t path = arguments(cf)[1];
  if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) return failed_conf();
  return guarded(cf->log, failed_conf(), [&] {
    auto rules = AgentRules::load(std::string(view(path)));
    if (!rules) return refuse(cf, "%s: write the path of agents.rules", rules.error().text.c_str());
    return keep_rules(cf, std::move(rules).value(), *conf);
  });
}

}  // namespace tributary
