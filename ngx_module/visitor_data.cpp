#include "ngx_module/visitor_data.h"

#include <unistd.h>

#include <bit>
#include <memory>
#include <string>

#include "core/geo/geo_data.h"
#include "core/state/table_sizes.h"
#include "core/state/transaction_table.h"
#include "core/user_agent/agent_rules.h"
#include "ngx_module/conf.h"
#include "ngx_module/directive_checks.h"
#include "ngx_module/guard.h"
#include "ngx_module/str.h"

// DOC: docs/directives.md
namespace tributary {
namespace {

constexpr std::string_view kSize = "size=";
constexpr std::string_view kSlots = "slots=";

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

// size=SIZE of a table of buckets, each of `bucket_bytes`.
char* set_table_size(ngx_conf_t* cf, std::size_t bucket_bytes, Limits buckets, std::uint32_t& out,
                     bool& given) noexcept {
  if (given) return duplicate();
  given = true;
  const std::string_view option = view(arguments(cf)[1]);
  if (!option.starts_with(kSize)) return refuse_option(cf, option, "size=SIZE");
  std::size_t bytes = 0;
  const Limits limits{buckets.least * bucket_bytes, buckets.most * bucket_bytes};
  if (!parse_size(cf, option, kSize.size(), limits, bytes)) return failed_conf();
  if (!std::has_single_bit(bytes)) {
    return refuse(cf, "invalid size in \"%V\": write a power of two, as 8m or 16m", &arguments(cf)[1]);
  }
  out = static_cast<std::uint32_t>(bytes / bucket_bytes);
  return NGX_CONF_OK;
}

char* set_seen_size(ngx_conf_t* cf, std::uint32_t& buckets, bool& given) noexcept {
  return set_table_size(cf, sizeof(SeenBucket), {kMinSeenBuckets, kMaxSeenBuckets}, buckets, given);
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

char* caps_directive(ngx_conf_t* cf, ngx_command_t*, void* opaque) noexcept {
  auto* conf = static_cast<MainConf*>(opaque);
  if (conf->caps_given) return duplicate();
  conf->caps_given = true;
  const std::string_view option = view(arguments(cf)[1]);
  if (!option.starts_with(kSlots)) return refuse_option(cf, option, "slots=N");
  const ngx_str_t digits = ngx_view(option.substr(kSlots.size()));
  const ngx_int_t slots = ngx_atoi(digits.data, digits.len);
  if (slots < 1 || slots > static_cast<ngx_int_t>(kMaxCapSlots)) {
    return refuse(cf, "invalid number \"%V\": write slots=N from 1 to %uL", &digits, std::uint64_t{kMaxCapSlots});
  }
  conf->tables.cap_slots = static_cast<std::uint32_t>(slots);
  return NGX_CONF_OK;
}

char* uniques_directive(ngx_conf_t* cf, ngx_command_t*, void* opaque) noexcept {
  auto* conf = static_cast<MainConf*>(opaque);
  return set_seen_size(cf, conf->tables.unique_buckets, conf->uniques_given);
}

char* anti_repeat_directive(ngx_conf_t* cf, ngx_command_t*, void* opaque) noexcept {
  auto* conf = static_cast<MainConf*>(opaque);
  return set_seen_size(cf, conf->tables.last_seen_buckets, conf->anti_repeat_given);
}

char* recent_clicks_directive(ngx_conf_t* cf, ngx_command_t*, void* opaque) noexcept {
  auto* conf = static_cast<MainConf*>(opaque);
  return set_table_size(cf, kTransactionBucketBytes, {kMinRecentClickBuckets, kMaxTransactionBuckets},
                        conf->tables.recent_click_buckets, conf->recent_clicks_given);
}

}  // namespace tributary
