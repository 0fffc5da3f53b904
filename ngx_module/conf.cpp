#include "ngx_module/conf.h"

#include <new>
#include <string>

#include "core/journal/format.h"
#include "ngx_module/directive_checks.h"
#include "ngx_module/str.h"

namespace tributary {
namespace {

constexpr ngx_msec_t kDefaultSyncMs = 200;
constexpr ngx_msec_t kDefaultPostbackTimeoutMs = 5000;
constexpr ngx_msec_t kDefaultLanderWindowMs = ngx_msec_t{30} * 86'400'000;
constexpr ngx_uint_t kDefaultTrafficbackHops = 3;
constexpr off_t kDefaultConfigBytes = off_t{512} << 20;

// Whether `present`, which `user` needs, was configured; else a message that shows the missing line.
bool has(ngx_conf_t* cf, const char* user, bool present, const char* directive, const char* example) {
  if (present) return true;
  ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"%s\" needs \"%s\": write \"%s %s;\" in the http block", user, directive,
                directive, example);
  return false;
}

bool complete(ngx_conf_t* cf, const MainConf& conf, const char* user) {
  return has(cf, user, conf.run_path != nullptr, "tributary_run_path", "/run/tributary") &&
         has(cf, user, conf.edge_name.data != nullptr, "tributary_edge", "edge-1 number=1") &&
         has(cf, user, conf.snapshot_path != nullptr, "tributary_snapshot_path", "/var/lib/tributary/snapshots");
}

bool journals(ngx_conf_t* cf, const MainConf& conf, const char* user) {
  return complete(cf, conf, user) &&
         has(cf, user, conf.journal_path != nullptr, "tributary_journal_path", "/var/lib/tributary/journal");
}

bool publishes(ngx_conf_t* cf, const MainConf& conf, const char* user) {
  return complete(cf, conf, user) &&
         has(cf, user, conf.push_keys != nullptr, "tributary_config_key", "/etc/tributary/keys/push.pub");
}

// Two of our folders in one place would overwrite each other's files, or put the journal where a reboot takes it.
bool apart(ngx_conf_t* cf, const char* one_name, const ngx_path_t* one, const char* other_name, const ngx_path_t* other,
           std::string_view below = {}) {
  if (one == nullptr || other == nullptr) return true;
  if (view(one->name) != std::string(view(other->name)).append(below)) return true;
  ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"%s\" and \"%s\" share the folder \"%V\": write another one for either",
                one_name, other_name, &one->name);
  return false;
}

bool paths_apart(ngx_conf_t* cf, const MainConf& conf) {
  constexpr char kRun[] = "tributary_run_path";
  constexpr char kJournal[] = "tributary_journal_path";
  constexpr char kSnapshots[] = "tributary_snapshot_path";
  return apart(cf, kRun, conf.run_path, kJournal, conf.journal_path) &&
         apart(cf, kRun, conf.run_path, kSnapshots, conf.snapshot_path) &&
         apart(cf, kJournal, conf.journal_path, kSnapshots, conf.snapshot_path) &&
         apart(cf, kSnapshots, conf.snapshot_path, kRun, conf.run_path, "/snapshots");
}

const char* directive_of(Handler kind) noexcept {
  switch (kind) {
    case Handler::none: return "";
    case Handler::redirect: return "tributary_redirect";
    case Handler::link: return "tributary_link";
    case Handler::click: return "tributary_click";
    case Handler::lander: return "tributary_lander_click";
    case Handler::track: return "tributary_track";
    case Handler::script: return "tributary_script";
    case Handler::postback: return "tributary_postback";
    case Handler::events: return "tributary_events";
    case Handler::config: return "tributary_config";
    case Handler::status: return "tributary_status";
    case Handler::metrics: return "tributary_metrics";
  }
  return "";
}

// A later proxy_pass takes the location over without a word.
bool still_installed(ngx_conf_t* cf, const LocationConf& conf, const ngx_http_core_loc_conf_t& core) noexcept {
  if (conf.handler == Handler::none || core.handler == handler_of(conf.handler)) return true;
  ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                "\"%s\": a later directive of location \"%V\" answers its requests: write each in its own location",
                directive_of(conf.handler), &core.name);
  return false;
}

// A block `if` or `limit_except` is a location without name: what its parent serves, it serves too.
void inherit_handler(const LocationConf& outer, LocationConf& conf, ngx_http_core_loc_conf_t& core) {
  conf.handler = outer.handler;
  conf.postback_timeout_ms = outer.postback_timeout_ms;
  conf.click_lookup = outer.click_lookup;
  conf.lander_window_ms = outer.lander_window_ms;
  conf.config_max_bytes = outer.config_max_bytes;
  core.handler = handler_of(outer.handler);
}

}  // namespace

void* create_main_conf(ngx_conf_t* cf) noexcept {
  void* memory = ngx_palloc(cf->pool, sizeof(MainConf));
  if (memory == nullptr) return nullptr;
  auto* conf = new (memory) MainConf{};
  conf->ring_bytes = kDefaultRingBytes;
  conf->segment_bytes = kDefaultSegmentBytes;
  conf->sync_ms = kDefaultSyncMs;
  return conf;
}

char* init_main_conf(ngx_conf_t* cf, void* opaque) noexcept {
  const auto& conf = *static_cast<MainConf*>(opaque);
  const bool right = (!conf.uses_redirect || journals(cf, conf, "tributary_redirect")) &&
                     (!conf.uses_link || journals(cf, conf, "tributary_link")) &&
                     (!conf.uses_click || journals(cf, conf, "tributary_click")) &&
                     (!conf.uses_lander || journals(cf, conf, "tributary_lander_click")) &&
                     (!conf.uses_track || journals(cf, conf, "tributary_track")) &&
                     (!conf.uses_postback || journals(cf, conf, "tributary_postback")) &&
                     (!conf.uses_events || journals(cf, conf, "tributary_events")) &&
                     (!conf.uses_config || publishes(cf, conf, "tributary_config")) &&
                     (!conf.uses_status || complete(cf, conf, "tributary_status")) &&
                     (!conf.uses_metrics || complete(cf, conf, "tributary_metrics")) && paths_apart(cf, conf) &&
                     (conf.journal_path == nullptr || complete(cf, conf, "tributary_journal_path")) &&
                     (conf.run_path == nullptr || complete(cf, conf, "tributary_run_path"));
  if (right && conf.address_privacy == AddressPrivacy::hash && conf.geo_files == nullptr) {
    ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                  "\"tributary_address_privacy hash\" without \"tributary_geoip\": places of visitors stay unknown, "
                  "because nobody can find them later");
  }
  return right ? NGX_CONF_OK : failed_conf();
}

void* create_location_conf(ngx_conf_t* cf) noexcept {
  void* memory = ngx_palloc(cf->pool, sizeof(LocationConf));
  if (memory == nullptr) return nullptr;
  auto* conf = new (memory) LocationConf{};
  conf->fallback_code = NGX_CONF_UNSET;
  conf->trafficback_hops = NGX_CONF_UNSET_UINT;
  conf->postback_timeout_ms = kDefaultPostbackTimeoutMs;
  conf->lander_window_ms = kDefaultLanderWindowMs;
  conf->config_max_bytes = kDefaultConfigBytes;
  return conf;
}

char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) noexcept {
  const auto* outer = static_cast<LocationConf*>(parent);
  auto* conf = static_cast<LocationConf*>(child);
  if (conf->fallback_code == NGX_CONF_UNSET) {
    conf->fallback_code = outer->fallback_code;
    conf->fallback_url = outer->fallback_url;
  }
  ngx_conf_merge_uint_value(conf->trafficback_hops, outer->trafficback_hops, kDefaultTrafficbackHops);
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  if (core->noname && core->handler == nullptr) inherit_handler(*outer, *conf, *core);
  if (!still_installed(cf, *conf, *core)) return failed_conf();
  if (conf->handler != Handler::config) return NGX_CONF_OK;

  // A push has a size of its own and is spooled where it will stay. The core module has merged its values already.
  const auto* main = static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_tributary_module));
  core->client_max_body_size = conf->config_max_bytes;
  core->client_body_temp_path = main->snapshot_path;
  return NGX_CONF_OK;
}

}  // namespace tributary
