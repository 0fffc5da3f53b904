#pragma once

#include <exception>
#include <utility>

#include "ngx_module/ngx.h"

namespace tributary {

// Runs `body` at an entry point that nginx calls: an exception must not unwind into C, so it becomes a log line and
// `otherwise`.
template <typename R, typename F>
R guarded(ngx_log_t* log, R otherwise, F&& body) noexcept {
  try {
    return std::forward<F>(body)();
  } catch (const std::exception& e) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "tributary: unexpected exception: %s", e.what());
  } catch (...) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "tributary: unexpected exception");
  }
  return otherwise;
}

template <typename F>
void guarded(ngx_log_t* log, F&& body) noexcept {
  guarded(log, 0, [&] {
    body();
    return 0;
  });
}

}  // namespace tributary
