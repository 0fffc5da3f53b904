#include "ngx_module/abi.h"

#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstring>

#include "ngx_module/str.h"

namespace tributary {
namespace {

constexpr char kBuiltFor[] = NGINX_VERSION " (" TRIBUTARY_NGINX_PACKAGE ")";

// Runs inside dlopen, before nginx compares versions itself and says only "version 1022001 instead of 1024000". The
// running binary's own module table tells its version and signature. nginx then refuses to load us, in its own words.
__attribute__((constructor)) void compare_versions() noexcept {
  const ngx_uint_t running = ngx_core_module.version;
  const bool same_version = running == nginx_version;
  if (same_version && std::strcmp(ngx_core_module.signature, NGX_MODULE_SIGNATURE) == 0) return;
  char line[512];
  const int n = std::snprintf(
      line, sizeof line,
      "nginx: [emerg] tributary: this module was built for nginx %s, the running nginx is "
      "%lu.%lu.%lu%s: build it again for this nginx\n",
      kBuiltFor, static_cast<unsigned long>(running / 1000000), static_cast<unsigned long>(running / 1000 % 1000),
      static_cast<unsigned long>(running % 1000), same_version ? " with other build options (compare nginx -V)" : "");
  if (n > 0)
    (void)!write(STDERR_FILENO, line,
                 static_cast<std::size_t>(n) < sizeof line ? static_cast<std::size_t>(n) : sizeof line - 1);
}

struct Field {
  const char* name;
  std::size_t offset;
};

// Headers that every build has, first to last in the structure.
constexpr Field kHeaderFields[] = {
    {"Host", offsetof(ngx_http_headers_in_t, host)},
    {"Connection", offsetof(ngx_http_headers_in_t, connection)},
    {"User-Agent", offsetof(ngx_http_headers_in_t, user_agent)},
    {"Referer", offsetof(ngx_http_headers_in_t, referer)},
    {"Content-Length", offsetof(ngx_http_headers_in_t, content_length)},
    {"Transfer-Encoding", offsetof(ngx_http_headers_in_t, transfer_encoding)},
    {"Expect", offsetof(ngx_http_headers_in_t, expect)},
    {"Authorization", offsetof(ngx_http_headers_in_t, authorization)},
};

// Variables whose `data` is an offset in ngx_http_request_t, behind headers_in and headers_out.
constexpr Field kRequestFields[] = {
    {"uri", offsetof(ngx_http_request_t, uri)},
    {"args", offsetof(ngx_http_request_t, args)},
    {"request_uri", offsetof(ngx_http_request_t, unparsed_uri)},
    {"server_protocol", offsetof(ngx_http_request_t, http_protocol)},
};

bool refuse(ngx_conf_t* cf, const char* where, const char* field, std::size_t ours, std::size_t theirs) noexcept {
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                     "tributary: this module was built for nginx %s, but the running nginx " NGINX_VERSION
                     " is patched: field \"%s\" of %s is at %uz, not at %uz; build the module again for this nginx",
                     kBuiltFor, field, where, theirs, ours);
  return false;
}

bool header_fields_match(ngx_conf_t* cf) noexcept {
  for (const Field& field : kHeaderFields) {
    for (const ngx_http_header_t* h = ngx_http_headers_in; h->name.len != 0; ++h) {
      if (view(h->name) == field.name && h->offset != field.offset) {
        return refuse(cf, "ngx_http_headers_in_t", field.name, field.offset, h->offset);
      }
    }
  }
  return true;
}

bool request_fields_match(ngx_conf_t* cf) noexcept {
  auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
  const auto* key = static_cast<ngx_hash_key_t*>(core->variables_keys->keys.elts);
  for (ngx_uint_t i = 0; i < core->variables_keys->keys.nelts; ++i) {
    for (const Field& field : kRequestFields) {
      const auto* variable = static_cast<const ngx_http_variable_t*>(key[i].value);
      if (view(key[i].key) == field.name && variable->data != field.offset) {
        return refuse(cf, "ngx_http_request_t", field.name, field.offset, variable->data);
      }
    }
  }
  return true;
}

}  // namespace

const char* built_for() noexcept {
  return kBuiltFor;
}

bool abi_matches(ngx_conf_t* cf) noexcept {
  return header_fields_match(cf) && request_fields_match(cf);
}

}  // namespace tributary
