#pragma once

#include "core/state/shared_state.h"
#include "ngx_module/conf.h"

namespace tributary {

// Publishes the newest generation on disk in `state`, unless a newer one is; what was skipped is logged. Blocks on
// disk.
void restore_generation(ngx_cycle_t* cycle, const MainConf& conf, SharedState& state);

}  // namespace tributary
