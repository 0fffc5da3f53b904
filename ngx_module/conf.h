#pragma once

#include "core/snapshot/push.h"
#include "core/state/shared_state.h"
#include "core/user_agent/agent_rules.h"
#include "core/visitor/address_privacy.h"
#include "ngx_module/ngx.h"

// What the directives said. Plain data in the configuration pool: it lives as long as its cycle, and every worker
// process reads the one it was forked with.
namespace tributary {

// Tables of the shared state whose size a directive has said.
struct GivenTables {
  bool rotations, caps, overlay, uniques, anti_repeat, recent_clicks, transactions, cap_values;
};

struct MainConf {
  ngx_path_t* run_path;
  ngx_path_t* journal_path;
  ngx_path_t* snapshot_path;
  size_t ring_bytes;
  size_t segment_bytes;
  ngx_msec_t sync_ms;
  ngx_str_t edge_name;
  ngx_uint_t edge_number;
  ngx_array_t* push_keys;         // of PushPublicKey; nullptr: none
  ngx_array_t* geo_files;         // of ngx_str_t; nullptr: none
  const AgentRules* agent_rules;  // nullptr: none
  SharedState::Options tables;
  GivenTables given_tables;
  AddressPrivacy address_privacy;
  bool address_privacy_given;
  std::array<std::uint8_t, 32> address_secret;  // of hashed addresses
  std::uint32_t address_period_s;               // how long one key hashes them; 0: for ever
  // Which handlers are used anywhere: decides what else must be configured.
  bool uses_redirect, uses_link, uses_click, uses_lander, uses_track, uses_postback, uses_events, uses_config,
      uses_status, uses_metrics;
};

enum class Handler : unsigned char {
  none,
  redirect,
  link,
  click,
  lander,
  track,
  script,
  postback,
  events,
  config,
  status,
  metrics
};

struct LocationConf {
  Handler handler;
  ngx_str_t fallback_url;   // data is nullptr when there is no URL
  ngx_int_t fallback_code;  // NGX_CONF_UNSET: no fallback here; 0: the URL
  ngx_uint_t trafficback_hops;
  ngx_msec_t postback_timeout_ms;
  ngx_str_t click_lookup;       // location that knows older clicks; data is nullptr: none
  ngx_msec_t lander_window_ms;  // how long after its click a lander's link is good
  off_t config_max_bytes;
};

inline MainConf* main_conf(ngx_cycle_t* cycle) noexcept {
  // Null without an http block.
  if (ngx_get_conf(cycle->conf_ctx, ngx_http_module) == nullptr) return nullptr;
  return static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_tributary_module));
}

inline LocationConf* location_conf(ngx_http_request_t* r) noexcept {
  return static_cast<LocationConf*>(ngx_http_get_module_loc_conf(r, ngx_http_tributary_module));
}

extern ngx_command_t commands[];
ngx_http_handler_pt handler_of(Handler kind) noexcept;
void* create_main_conf(ngx_conf_t* cf) noexcept;
char* init_main_conf(ngx_conf_t* cf, void* conf) noexcept;
void* create_location_conf(ngx_conf_t* cf) noexcept;
char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) noexcept;

}  // namespace tributary
