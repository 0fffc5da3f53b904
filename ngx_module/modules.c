// The table that nginx looks up after dlopen. There is no order to keep: the module is no filter.
#include <ngx_config.h>
#include <ngx_core.h>

extern ngx_module_t ngx_http_tributary_module;

__attribute__((visibility("default"))) ngx_module_t *ngx_modules[] = {&ngx_http_tributary_module, NULL};
__attribute__((visibility("default"))) char *ngx_module_names[] = {"ngx_http_tributary_module", NULL};
__attribute__((visibility("default"))) char *ngx_module_order[] = {NULL};
