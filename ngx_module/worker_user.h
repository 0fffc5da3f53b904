#pragma once

#include <unistd.h>

#include "ngx_module/ngx.h"

namespace tributary {

// While it lives, a master that runs as root makes and opens files as the user of its workers. The master has one
// thread, so nothing else notices.
class WorkerUser {
 public:
  explicit WorkerUser(ngx_cycle_t* cycle) noexcept {
    const auto* core = reinterpret_cast<ngx_core_conf_t*>(ngx_get_conf(cycle->conf_ctx, ngx_core_module));
    if (geteuid() != 0 || core->user == static_cast<ngx_uid_t>(NGX_CONF_UNSET_UINT)) return;
    group_ = getegid();
    changed_ = setegid(core->group) == 0 && seteuid(core->user) == 0;
    if (!changed_) restore();
  }
  ~WorkerUser() {
    if (changed_) restore();
  }
  WorkerUser(const WorkerUser&) = delete;
  WorkerUser& operator=(const WorkerUser&) = delete;

 private:
  void restore() noexcept {
    if (seteuid(0) != 0 || setegid(group_) != 0) ngx_log_abort(ngx_errno, "tributary: cannot become root again");
  }

  gid_t group_ = 0;
  bool changed_ = false;
};

}  // namespace tributary
