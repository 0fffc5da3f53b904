#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/condition/regex_cache.h"
#include "core/routing/router.h"
#include "core/snapshot/snapshot_view.h"
#include "core/state/shared_state.h"
#include "core/state/worker_slot.h"
#include "core/user_agent/agent_classifier.h"
#include "ngx_module/address_privacy.h"
#include "ngx_module/conf.h"
#include "ngx_module/parking.h"
#include "ngx_module/place_finder.h"
#include "ngx_module/publisher.h"
#include "ngx_module/text/report.h"
#include "ngx_module/timer.h"
#include "ngx_module/worker_board.h"

namespace tributary {

// Everything one worker process holds: its slot, the shared state, the snapshot it serves, its journal. Each may be
// missing (full disk, no rights, nothing published yet): the worker then serves degraded and a timer tries again.
//
// Belongs to the event loop. There is one, made in init_process and destroyed in exit_process.
class Worker final {
 public:
  Worker(ngx_cycle_t* cycle, const MainConf& conf) noexcept;
  ~Worker();

  // Tries to get whatever is missing and says what is still missing, once per change.
  void complete() noexcept;

  // The snapshot in force, or nullptr. Adopts a newer one first, so call it once per request, before anything points
  // into the old one.
  const SnapshotView* snapshot() noexcept {
    if (state_ && state_->published() != seen_) [[unlikely]]
      adopt();
    return snapshot_.get();
  }

  // Both or neither: without a slot there are no ids and no counters.
  bool ready() const noexcept { return slot_ != nullptr && state_ != nullptr; }
  WorkerSlot& slot() noexcept { return *slot_; }
  SharedState& state() noexcept { return *state_; }
  Journal* journal() noexcept { return journal_.get(); }
  Parking& parking() noexcept { return parking_; }
  Publisher& publisher() noexcept { return publisher_; }
  RegexCache& regexes() noexcept { return regexes_; }
  const PlaceFinder& places() const noexcept { return place_finder_; }
  AgentClassifier* agents() noexcept { return agents_ ? &*agents_ : nullptr; }
  AddressMask& addresses() noexcept { return addresses_; }
  const MainConf& conf() const noexcept { return conf_; }
  // What the live workers say of themselves; this one's line is fresh. Throws.
  std::vector<WorkerReport> live_workers();
  std::string_view run_path() const noexcept { return run_path_; }
  // What this worker lacks; empty when it has everything.
  std::string_view problem() const noexcept { return problem_; }

  void count(Counter counter) noexcept {
    if (ready()) state_->add(slot_->number(), counter);
  }

  // The header of an event that happens now. Time is nginx's cached one: no system call.
  EventHeader event_header(const SnapshotView* snapshot) const noexcept;

  // Encodes into the journal. The position after the record, or 0 when the journal could not take it.
  template <typename Payload>
  Position append(const EventHeader& header, const Payload& payload) noexcept {
    if (!journal_) return 0;
    const std::span<char> room = journal_->reserve(max_event_size(header, payload));
    if (room.empty()) return 0;
    return journal_->commit(encode_event(header, payload, room.data()));
  }

 private:
  void adopt() noexcept;
  // Each returns what is missing, empty when nothing is.
  std::string lease();
  std::string open_state();
  std::string open_journal();
  void close_journal();
  void report(std::string problem);
  void write_line() noexcept;
  static void on_adopt_tick(void* worker) noexcept;
  static void on_repair_tick(void* worker) noexcept;

  const MainConf& conf_;
  ngx_cycle_t* cycle_;
  std::string run_path_;
  std::string problem_;  // what is missing, empty when all is there
  time_t started_s_;
  PlaceFinder place_finder_;
  AddressMask addresses_;
  std::optional<AgentClassifier> agents_;  // none: agents stay unknown
  RegexCache regexes_;
  bool displaced_ = false;  // the run directory was emptied or exchanged under this worker
  std::uint64_t seen_ = 0;  // the published word that was looked at last, adopted or refused

  std::unique_ptr<WorkerSlot> slot_;
  std::unique_ptr<SharedState> state_;
  std::unique_ptr<WorkerBoard> board_;
  std::unique_ptr<SnapshotView> snapshot_;
  std::unique_ptr<Journal> journal_;
  Parking parking_;
  Publisher publisher_;
  Timer adopt_timer_;
  Timer repair_timer_;
};

inline std::uint64_t now_ms() noexcept {
  const ngx_time_t* now = ngx_timeofday();
  return static_cast<std::uint64_t>(now->sec) * 1000 + now->msec;
}

// nullptr outside of workers and without configuration.
Worker* worker() noexcept;

}  // namespace tributary
