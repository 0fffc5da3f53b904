#pragma once

#include "ngx_module/ngx.h"

// When nginx starts, forks and ends.
namespace tributary {

// In the master, at start and at every reload: publishes the newest snapshot on disk when nothing newer is published,
// so that the first request finds one.
ngx_int_t init_module(ngx_cycle_t* cycle) noexcept;

// Never fails: nginx would not start the worker again.
ngx_int_t init_process(ngx_cycle_t* cycle) noexcept;
void exit_process(ngx_cycle_t* cycle) noexcept;

}  // namespace tributary
