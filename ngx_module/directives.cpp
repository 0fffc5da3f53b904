#include <cstddef>

#include "core/click_id/click_id.h"
#include "core/routing/trafficback_hops.h"
#include "ngx_module/address_privacy.h"
#include "ngx_module/conf.h"
#include "ngx_module/directive_checks.h"
#include "ngx_module/handlers.h"
#include "ngx_module/str.h"
#include "ngx_module/table_directive.h"
#include "ngx_module/visitor_data.h"

// DOC: docs/directives.md
namespace tributary {
namespace {

constexpr ngx_uint_t kAnywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;
constexpr ngx_uint_t kOneOrMore = NGX_CONF_1MORE;

MainConf* main_of(ngx_conf_t* cf) {
  return static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_tributary_module));
}

std::string_view argument(ngx_conf_t* cf, ngx_uint_t i) {
  return view(static_cast<ngx_str_t*>(cf->args->elts)[i]);
}

// Whether an earlier argument has the name of number `i`, as in ring=1m ring=2m.
bool repeats_option(ngx_conf_t* cf, ngx_uint_t i, ngx_uint_t first = 2) {
  const std::string_view option = argument(cf, i);
  const std::string_view name = option.substr(0, option.find('=') + 1);
  for (ngx_uint_t earlier = first; earlier < i; ++earlier) {
    if (!name.empty() && argument(cf, earlier).starts_with(name)) return true;
  }
  return false;
}

// The first argument is a directory that nginx makes and gives to the user of the workers.
char* set_path(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) {
  if (argument(cf, 1).empty()) return refuse(cf, "the path is empty: write an absolute one");
  const ngx_uint_t given = cf->args->nelts;
  cf->args->nelts = 2;
  char* result = ngx_conf_set_path_slot(cf, cmd, conf);
  cf->args->nelts = given;
  return result;
}

char* snapshot_path_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept {
  return set_path(cf, cmd, conf);
}

char* run_path_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept {
  if (char* failed = set_path(cf, cmd, conf); failed != NGX_CONF_OK) return failed;
  warn_unless_in_memory(cf, static_cast<MainConf*>(conf)->run_path->name);
  return NGX_CONF_OK;
}

char* journal_path_directive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) noexcept {
  if (char* failed = set_path(cf, cmd, conf); failed != NGX_CONF_OK) return failed;
  auto* main = static_cast<MainConf*>(conf);
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
    const std::string_view option = argument(cf, i);
    if (repeats_option(cf, i)) return refuse_option(cf, option, "each parameter once");
    if (option.starts_with("ring=")) {
      if (!parse_size(cf, option, 5, {1u << 20, 1u << 30}, main->ring_bytes)) return failed_conf();
    } else if (option.starts_with("segment=")) {
      if (!parse_size(cf, option, 8, {1u << 20, 2ull << 30}, main->segment_bytes)) return failed_conf();
    } else if (option.starts_with("sync=")) {
      if (!parse_time(cf, option, 5, {1, 60000}, main->sync_ms)) return failed_conf();
    } else {
      return refuse_option(cf, option, "ring=SIZE, segment=SIZE or sync=TIME");
    }
  }
  if (main->segment_bytes < main->ring_bytes) {
    return refuse(cf, "a segment of %uz bytes is smaller than the ring of %uz: write a larger segment=",
                  main->segment_bytes, main->ring_bytes);
  }
  return NGX_CONF_OK;
}

char* edge_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  auto* main = static_cast<MainConf*>(conf);
  if (main->edge_name.data != nullptr) return const_cast<char*>("is duplicate");
  const std::string_view name = argument(cf, 1);
  if (!is_edge_name(name)) {
    return refuse(cf, "invalid name \"%V\": write 1 to 64 letters, digits, dots, dashes or underscores",
                  &static_cast<ngx_str_t*>(cf->args->elts)[1]);
  }
  const std::string_view option = argument(cf, 2);
  if (!option.starts_with("number=")) return refuse_option(cf, option, "number=N");
  const ngx_str_t digits = ngx_view(option.substr(7));
  const ngx_int_t number = ngx_atoi(digits.data, digits.len);
  if (number == NGX_ERROR || number > ngx_int_t{kMaxEdge}) {
    return refuse(cf, "invalid number \"%V\": write number=N with the number of this edge in admin-api, 0 to %uD",
                  &digits, kMaxEdge);
  }
  main->edge_name = static_cast<ngx_str_t*>(cf->args->elts)[1];
  main->edge_number = static_cast<ngx_uint_t>(number);
  return NGX_CONF_OK;
}

char* config_key_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  auto* main = static_cast<MainConf*>(conf);
  if (main->push_keys != nullptr) return const_cast<char*>("is duplicate");
  main->push_keys = ngx_array_create(cf->pool, 4, sizeof(PushPublicKey));
  if (main->push_keys == nullptr) return failed_conf();
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    if (!read_push_key(cf, static_cast<ngx_str_t*>(cf->args->elts)[i], main->push_keys)) return failed_conf();
  }
  return NGX_CONF_OK;
}

char* trafficback_hops_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  auto* location = static_cast<LocationConf*>(conf);
  if (location->trafficback_hops != NGX_CONF_UNSET_UINT) return const_cast<char*>("is duplicate");
  const ngx_str_t& digits = static_cast<ngx_str_t*>(cf->args->elts)[1];
  const ngx_int_t hops = ngx_atoi(digits.data, digits.len);
  if (hops < 1 || hops > ngx_int_t{kMaxHops}) {
    return refuse(cf, "invalid number \"%V\": write a number from 1 to %ui", &digits, ngx_uint_t{kMaxHops});
  }
  location->trafficback_hops = static_cast<ngx_uint_t>(hops);
  return NGX_CONF_OK;
}

char* fallback_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  auto* location = static_cast<LocationConf*>(conf);
  if (location->fallback_code != NGX_CONF_UNSET) return const_cast<char*>("is duplicate");
  ngx_str_t& value = static_cast<ngx_str_t*>(cf->args->elts)[1];
  const std::string_view text = view(value);
  if (text.starts_with('=')) {
    const ngx_int_t code = ngx_atoi(value.data + 1, value.len - 1);
    if (code != 204 && (code < 400 || code > 599)) {
      return refuse(cf, "invalid code \"%V\": write =204 or =400 to =599", &value);
    }
    location->fallback_code = code;
    return NGX_CONF_OK;
  }
  if (!is_fallback_url(text)) {
    return refuse(
        cf, "invalid target \"%V\": write a URL with http:// or https://, a path that begins with one /, or =CODE",
        &value);
  }
  location->fallback_url = value;
  location->fallback_code = 0;
  return NGX_CONF_OK;
}

// Makes the handler the content handler of this location.
char* install(ngx_conf_t* cf, LocationConf* location, Handler kind) {
  if (location->handler == kind) return const_cast<char*>("is duplicate");
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  if (location->handler != Handler::none || core->handler != nullptr) {
    return refuse(cf, "this location has another handler already: give each its own location");
  }
  location->handler = kind;
  core->handler = handler_of(kind);
  return NGX_CONF_OK;
}

char* redirect_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_redirect = true;
  return install(cf, static_cast<LocationConf*>(conf), Handler::redirect);
}

char* link_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_link = true;
  return install(cf, static_cast<LocationConf*>(conf), Handler::link);
}

char* click_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_click = true;
  return install(cf, static_cast<LocationConf*>(conf), Handler::click);
}

char* lander_click_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_lander = true;
  auto* location = static_cast<LocationConf*>(conf);
  if (cf->args->nelts == 2) {
    const std::string_view option = argument(cf, 1);
    if (!option.starts_with("window=")) return refuse_option(cf, option, "window=TIME");
    if (!parse_time(cf, option, 7, {1000, 365ull * 86'400'000}, location->lander_window_ms)) return failed_conf();
  }
  return install(cf, location, Handler::lander);
}

char* track_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_track = true;
  return install(cf, static_cast<LocationConf*>(conf), Handler::track);
}

char* script_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  return install(cf, static_cast<LocationConf*>(conf), Handler::script);
}

char* postback_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_postback = true;
  auto* location = static_cast<LocationConf*>(conf);
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    const std::string_view option = argument(cf, i);
    if (repeats_option(cf, i, 1)) return refuse_option(cf, option, "each parameter once");
    if (option.starts_with("timeout=")) {
      if (!parse_time(cf, option, 8, {100, 60000}, location->postback_timeout_ms)) return failed_conf();
    } else if (option.starts_with("clicks=/")) {
      location->click_lookup = ngx_view(option.substr(7));
    } else {
      return refuse_option(cf, option, "timeout=TIME or clicks=/LOCATION");
    }
  }
  return install(cf, location, Handler::postback);
}

char* events_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_events = true;
  auto* location = static_cast<LocationConf*>(conf);
  if (cf->args->nelts == 2) {
    const std::string_view option = argument(cf, 1);
    if (!option.starts_with("timeout=")) return refuse_option(cf, option, "timeout=TIME");
    if (!parse_time(cf, option, 8, {100, 60000}, location->postback_timeout_ms)) return failed_conf();
  }
  return install(cf, location, Handler::events);
}

char* config_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_config = true;
  auto* location = static_cast<LocationConf*>(conf);
  if (cf->args->nelts == 2) {
    const std::string_view option = argument(cf, 1);
    size_t bytes = 0;
    if (!option.starts_with("max_size=")) return refuse_option(cf, option, "max_size=SIZE");
    if (!parse_size(cf, option, 9, {1u << 16, 1ull << 40}, bytes)) return failed_conf();
    location->config_max_bytes = static_cast<off_t>(bytes);
  }
  return install(cf, location, Handler::config);
}

char* status_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_status = true;
  return install(cf, static_cast<LocationConf*>(conf), Handler::status);
}

char* metrics_directive(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
  main_of(cf)->uses_metrics = true;
  return install(cf, static_cast<LocationConf*>(conf), Handler::metrics);
}

}  // namespace

ngx_http_handler_pt handler_of(Handler kind) noexcept {
  switch (kind) {
    case Handler::none: return nullptr;
    case Handler::redirect: return redirect_handler;
    case Handler::link: return link_handler;
    case Handler::click: return click_handler;
    case Handler::lander: return lander_handler;
    case Handler::track: return track_handler;
    case Handler::script: return script_handler;
    case Handler::postback: return postback_handler;
    case Handler::events: return event_handler;
    case Handler::config: return config_handler;
    case Handler::status: return status_handler;
    case Handler::metrics: return metrics_handler;
  }
  return nullptr;
}

#define TRIBUTARY_MAIN NGX_HTTP_MAIN_CONF_OFFSET
#define TRIBUTARY_LOCATION NGX_HTTP_LOC_CONF_OFFSET
ngx_command_t commands[] = {
    {ngx_string("tributary_run_path"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, run_path_directive, TRIBUTARY_MAIN,
     offsetof(MainConf, run_path), nullptr},
    {ngx_string("tributary_journal_path"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1234, journal_path_directive,
     TRIBUTARY_MAIN, offsetof(MainConf, journal_path), nullptr},
    {ngx_string("tributary_snapshot_path"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, snapshot_path_directive,
     TRIBUTARY_MAIN, offsetof(MainConf, snapshot_path), nullptr},
    {ngx_string("tributary_edge"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE2, edge_directive, TRIBUTARY_MAIN, 0, nullptr},
    {ngx_string("tributary_config_key"), NGX_HTTP_MAIN_CONF | kOneOrMore, config_key_directive, TRIBUTARY_MAIN, 0,
     nullptr},
    {ngx_string("tributary_geoip"), NGX_HTTP_MAIN_CONF | kOneOrMore, geoip_directive, TRIBUTARY_MAIN, 0, nullptr},
    {ngx_string("tributary_user_agents"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, user_agents_directive, TRIBUTARY_MAIN, 0,
     nullptr},
    {ngx_string("tributary_rotations"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, table_directive<kRotations>,
     TRIBUTARY_MAIN, 0, nullptr},
    {ngx_string("tributary_caps"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, table_directive<kCaps>, TRIBUTARY_MAIN, 0,
     nullptr},
    {ngx_string("tributary_cap_values"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, table_directive<kCapValues>,
     TRIBUTARY_MAIN, 0, nullptr},
    {ngx_string("tributary_overlay"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, table_directive<kOverlay>, TRIBUTARY_MAIN, 0,
     nullptr},
    {ngx_string("tributary_uniques"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, table_directive<kUniques>, TRIBUTARY_MAIN, 0,
     nullptr},
    {ngx_string("tributary_anti_repeat"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, table_directive<kAntiRepeat>,
     TRIBUTARY_MAIN, 0, nullptr},
    {ngx_string("tributary_recent_clicks"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, table_directive<kRecentClicks>,
     TRIBUTARY_MAIN, 0, nullptr},
    {ngx_string("tributary_transactions"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, table_directive<kTransactions>,
     TRIBUTARY_MAIN, 0, nullptr},
    {ngx_string("tributary_address_privacy"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE123, address_privacy_directive,
     TRIBUTARY_MAIN, 0, nullptr},
    {ngx_string("tributary_trafficback_hops"), kAnywhere | NGX_CONF_TAKE1, trafficback_hops_directive,
     TRIBUTARY_LOCATION, 0, nullptr},
    {ngx_string("tributary_fallback"), kAnywhere | NGX_CONF_TAKE1, fallback_directive, TRIBUTARY_LOCATION, 0, nullptr},
    {ngx_string("tributary_redirect"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, redirect_directive, TRIBUTARY_LOCATION, 0,
     nullptr},
    {ngx_string("tributary_link"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, link_directive, TRIBUTARY_LOCATION, 0, nullptr},
    {ngx_string("tributary_click"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, click_directive, TRIBUTARY_LOCATION, 0,
     nullptr},
    {ngx_string("tributary_lander_click"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1, lander_click_directive,
     TRIBUTARY_LOCATION, 0, nullptr},
    {ngx_string("tributary_track"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, track_directive, TRIBUTARY_LOCATION, 0,
     nullptr},
    {ngx_string("tributary_script"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, script_directive, TRIBUTARY_LOCATION, 0,
     nullptr},
    {ngx_string("tributary_postback"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE12, postback_directive,
     TRIBUTARY_LOCATION, 0, nullptr},
    {ngx_string("tributary_events"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1, events_directive,
     TRIBUTARY_LOCATION, 0, nullptr},
    {ngx_string("tributary_config"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1, config_directive,
     TRIBUTARY_LOCATION, 0, nullptr},
    {ngx_string("tributary_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, status_directive, TRIBUTARY_LOCATION, 0,
     nullptr},
    {ngx_string("tributary_metrics"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, metrics_directive, TRIBUTARY_LOCATION, 0,
     nullptr},
    ngx_null_command,
};
#undef TRIBUTARY_MAIN
#undef TRIBUTARY_LOCATION

}  // namespace tributary
