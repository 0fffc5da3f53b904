#pragma once

#include <string_view>

#include "ngx_module/ngx.h"

// Checks of directive arguments. What is wrong is logged with the directive's name, the value and what to write
// instead.
namespace tributary {

inline char* failed_conf() noexcept {
  return static_cast<char*>(NGX_CONF_ERROR);
}

// Logs `"<directive>": <text>` with the arguments of an nginx format, and returns NGX_CONF_ERROR.
char* refuse(ngx_conf_t* cf, const char* format, ...) noexcept;
char* refuse_option(ngx_conf_t* cf, std::string_view option, const char* expected) noexcept;

struct Limits {
  unsigned long long least;
  unsigned long long most;
  // False for NGX_ERROR, too.
  constexpr bool hold(long long value) const noexcept {
    return value >= 0 && static_cast<unsigned long long>(value) >= least &&
           static_cast<unsigned long long>(value) <= most;
  }
};
// `option` is name=value, the value begins at `skip`.
bool parse_size(ngx_conf_t* cf, std::string_view option, std::size_t skip, Limits limits, std::size_t& out) noexcept;
bool parse_time(ngx_conf_t* cf, std::string_view option, std::size_t skip, Limits limits_ms, ngx_msec_t& out) noexcept;

bool is_fallback_url(std::string_view url) noexcept;

// Slots, rings and shared state are only as fast as memory: a warning when `path` would be on a disk.
void warn_unless_in_memory(ngx_conf_t* cf, const ngx_str_t& path) noexcept;

// Appends the public key in `file` (relative to the configuration) to an array of PushPublicKey.
bool read_push_key(ngx_conf_t* cf, ngx_str_t file, ngx_array_t* keys) noexcept;

}  // namespace tributary
