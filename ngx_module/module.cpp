#include "ngx_module/abi.h"
#include "ngx_module/conf.h"
#include "ngx_module/guard.h"
#include "ngx_module/lifecycle.h"
#include "ngx_module/variables.h"

// What nginx knows of us: where configuration is made and which hooks run when.
namespace tributary {
namespace {

ngx_int_t preconfiguration(ngx_conf_t* cf) noexcept {
  if (!abi_matches(cf)) return NGX_ERROR;
  return add_variables(cf);
}

ngx_http_module_t context = {
    preconfiguration,
    nullptr,  // pre and post configuration
    create_main_conf,
    init_main_conf,  // http
    nullptr,
    nullptr,  // server
    create_location_conf,
    merge_location_conf,  // location
};

}  // namespace
}  // namespace tributary

extern "C" {
ngx_module_t ngx_http_tributary_module = {
    NGX_MODULE_V1,
    &tributary::context,
    tributary::commands,
    NGX_HTTP_MODULE,
    nullptr,                  // init master: never called by nginx
    tributary::init_module,   // also for `nginx -t`
    tributary::init_process,  // workers and cache processes
    nullptr,
    nullptr,
    tributary::exit_process,
    nullptr,
    NGX_MODULE_V1_PADDING,
};
}
