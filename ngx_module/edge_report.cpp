#include "ngx_module/edge_report.h"

#include "ngx_module/abi.h"
#include "ngx_module/str.h"
#include "ngx_module/worker.h"

namespace tributary {

namespace {

constexpr std::size_t kMaxClosed = 100;  // that a person wants to read

}  // namespace

EdgeReport edge_report() {
  EdgeReport report;
  report.version = TRIBUTARY_VERSION;
  report.built_for = built_for();
  report.now_s = static_cast<std::uint64_t>(ngx_time());
  Worker* self = worker();
  if (self == nullptr) {
    report.problem = "the worker could not start: see the error log";
    return report;
  }
  report.edge = view(self->conf().edge_name);
  report.number = self->conf().edge_number;
  report.problem = self->problem();
  if (!self->ready()) return report;
  report.published = unpack_generation(self->state().published());
  const OverlayTable& overlay = self->state().overlay();
  report.overlay = overlay.version();
  report.overlay_destinations = overlay.destinations();
  report.closed = overlay.closed(report.now_s * 1000, kMaxClosed);
  report.caps = cap_report(self->state().caps());
  report.workers = self->live_workers();
  for (std::size_t i = 0; i < kCounterCount; ++i) report.counters[i] = self->state().total(static_cast<Counter>(i));
  return report;
}

}  // namespace tributary
