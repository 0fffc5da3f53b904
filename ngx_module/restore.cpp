#include "ngx_module/restore.h"

#include "core/snapshot/snapshot_store.h"
#include "ngx_module/abi.h"
#include "ngx_module/str.h"

namespace tributary {

void restore_generation(ngx_cycle_t* cycle, const MainConf& conf, SharedState& state) {
  SnapshotStore store(std::string(view(conf.snapshot_path->name)), std::string(view(conf.run_path->name)));
  const auto restored = store.restore(state);
  for (const std::string& skipped : restored.skipped) {
    ngx_log_error(NGX_LOG_WARN, cycle->log, 0, "tributary: snapshot skipped: %s", skipped.c_str());
  }
  ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0, "tributary: built for nginx %s, generation %uD-%uL", built_for(),
                static_cast<std::uint32_t>(restored.current.epoch),
                static_cast<std::uint64_t>(restored.current.counter));
}

}  // namespace tributary
