#include "ngx_module/lifecycle.h"

#include <unistd.h>

#include <filesystem>

#include "core/state/shared_state.h"
#include "ngx_module/conf.h"
#include "ngx_module/guard.h"
#include "ngx_module/restore.h"
#include "ngx_module/str.h"
#include "ngx_module/worker.h"
#include "ngx_module/worker_user.h"

namespace tributary {
namespace {

// The one piece of process state: which worker this is.
Worker* the_worker = nullptr;

bool serves_requests() {
  return ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE;
}

const MainConf* configured(ngx_cycle_t* cycle) {
  const MainConf* conf = main_conf(cycle);
  return conf != nullptr && conf->run_path != nullptr ? conf : nullptr;
}

// Where there never was a journal, no click can have used a cap: nothing has to be asked for.
void open_first_caps(ngx_cycle_t* cycle, const MainConf& conf, SharedState& state) {
  if (state.caps().known() || conf.journal_path == nullptr) return;
  std::error_code unreadable;
  const bool empty = std::filesystem::is_empty(std::string(view(conf.journal_path->name)), unreadable);
  if (unreadable || !empty) return;
  state.caps().restore(state.caps().life(), {});
  ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0, "tributary: the first start of this edge, caps begin at 0");
}

void restore_snapshot(ngx_cycle_t* cycle, const MainConf& conf) {
  // What is made here must belong to the workers.
  const WorkerUser as_worker(cycle);
  auto state = SharedState::open(std::string(view(conf.run_path->name)), conf.tables);
  if (!state) {
    ngx_log_error(NGX_LOG_WARN, cycle->log, 0, "tributary: %s", state.error().message.c_str());
    return;
  }
  open_first_caps(cycle, conf, **state);
  restore_generation(cycle, conf, **state);
}

}  // namespace

Worker* worker() noexcept {
  return the_worker;
}

ngx_int_t init_module(ngx_cycle_t* cycle) noexcept {
  const MainConf* conf = configured(cycle);
  if (conf == nullptr || ngx_test_config) return NGX_OK;
  guarded(cycle->log, [&] { restore_snapshot(cycle, *conf); });
  return NGX_OK;
}

ngx_int_t init_process(ngx_cycle_t* cycle) noexcept {
  const MainConf* conf = configured(cycle);
  if (conf == nullptr || !serves_requests()) return NGX_OK;
  guarded(cycle->log, [&] {
    the_worker = std::make_unique<Worker>(cycle, *conf).release();
    the_worker->complete();
  });
  return NGX_OK;
}

void exit_process(ngx_cycle_t* cycle) noexcept {
  guarded(cycle->log, [&] { const std::unique_ptr<Worker> last(std::exchange(the_worker, nullptr)); });
}

}  // namespace tributary
