#include "ngx_module/directive_checks.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cstdarg>
#include <string>

#include "core/snapshot/push_keys.h"
#include "ngx_module/guard.h"
#include "ngx_module/str.h"

namespace tributary {
namespace {

const ngx_str_t& directive(ngx_conf_t* cf) {
  return *static_cast<ngx_str_t*>(cf->args->elts);
}

bool add_key(ngx_conf_t* cf, ngx_str_t file, ngx_array_t* keys) {
  if (ngx_conf_full_name(cf->cycle, &file, 1) != NGX_OK) return false;
  const auto key = read_push_public_key(std::string(view(file)));
  if (!key) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"%V\": %s: write the path of a public key made by tributary-admin keygen", &directive(cf),
                       key.error().c_str());
    return false;
  }
  auto* place = static_cast<PushPublicKey*>(ngx_array_push(keys));
  if (place == nullptr) return false;
  *place = *key;
  return true;
}

}  // namespace

char* refuse(ngx_conf_t* cf, const char* format, ...) noexcept {
  u_char text[NGX_MAX_CONF_ERRSTR];
  va_list args;
  va_start(args, format);
  u_char* end = ngx_vslprintf(text, text + sizeof text, format, args);
  va_end(args);
  const ngx_str_t message{static_cast<std::size_t>(end - text), text};
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\": %V", &directive(cf), &message);
  return failed_conf();
}

char* refuse_option(ngx_conf_t* cf, std::string_view option, const char* expected) noexcept {
  const ngx_str_t text = ngx_view(option);
  return refuse(cf, "invalid parameter \"%V\": write %s", &text, expected);
}

bool parse_size(ngx_conf_t* cf, std::string_view option, std::size_t skip, Limits limits, std::size_t& out) noexcept {
  ngx_str_t value = ngx_view(option.substr(skip));
  const off_t bytes = ngx_parse_offset(&value);
  if (!limits.hold(bytes)) {
    const ngx_str_t text = ngx_view(option);
    refuse(cf, "invalid size in \"%V\": write a size from %uLk to %uLm, as 64m", &text,
           static_cast<uint64_t>(limits.least >> 10), static_cast<uint64_t>(limits.most >> 20));
    return false;
  }
  out = static_cast<std::size_t>(bytes);
  return true;
}

bool parse_time(ngx_conf_t* cf, std::string_view option, std::size_t skip, Limits limits_ms, ngx_msec_t& out) noexcept {
  ngx_str_t value = ngx_view(option.substr(skip));
  const ngx_int_t ms = ngx_parse_time(&value, 0);
  if (!limits_ms.hold(ms)) {
    const ngx_str_t text = ngx_view(option);
    refuse(cf, "invalid time in \"%V\": write a time from %uLms to %uLms, as 200ms or 5s", &text,
           static_cast<uint64_t>(limits_ms.least), static_cast<uint64_t>(limits_ms.most));
    return false;
  }
  out = static_cast<ngx_msec_t>(ms);
  return true;
}

bool is_fallback_url(std::string_view url) noexcept {
  const bool clean = std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c != 0x7f && c != '\\'; });
  const bool path = url.starts_with('/') && !url.starts_with("//");
  const bool absolute =
      (url.starts_with("http://") && url.size() > 7) || (url.starts_with("https://") && url.size() > 8);
  return clean && (path || absolute);
}

void warn_unless_in_memory(ngx_conf_t* cf, const ngx_str_t& path) noexcept {
  guarded(cf->log, [&] {
    // The directory itself may not be there yet: its nearest parent decides.
    std::string existing(view(path));
    struct statfs fs {};
    while (statfs(existing.c_str(), &fs) != 0) {
      const std::size_t slash = existing.find_last_of('/');
      if (slash == std::string::npos || existing == "/") return;
      existing.resize(slash == 0 ? 1 : slash);
    }
    if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC) return;
    ngx_conf_log_error(
        NGX_LOG_WARN, cf, 0,
        "\"%V\": \"%V\" is not on tmpfs, clicks will wait for the disk: write a folder below /run or /dev/shm",
        &directive(cf), &path);
  });
}

bool read_push_key(ngx_conf_t* cf, ngx_str_t file, ngx_array_t* keys) noexcept {
  return guarded(cf->log, false, [&] { return add_key(cf, file, keys); });
}

}  // namespace tributary
