#include "ngx_module/worker.h"

#include <unistd.h>

#include "core/base/random.h"
#include "ngx_module/guard.h"
#include "ngx_module/restore.h"
#include "ngx_module/str.h"

namespace tributary {
namespace {

constexpr ngx_msec_t kAdoptEveryMs = 100;
constexpr ngx_msec_t kRepairEveryMs = 500;
// nginx kills a worker that has not ended about 1.5 s after a fast stop.
constexpr std::uint32_t kFastCloseMs = 300;
constexpr std::uint32_t kGracefulCloseMs = 5000;
// Click ids may run so far ahead of the clock; the ingestor refuses what is 15 minutes ahead.
constexpr std::uint64_t kMaxAheadMs = 5 * 60 * 1000;

}  // namespace

Worker::Worker(ngx_cycle_t* cycle, const MainConf& conf) noexcept
    : conf_(conf),
      cycle_(cycle),
      run_path_(view(conf.run_path->name)),
      started_s_(ngx_time()),
      place_finder_(conf),
      addresses_(conf) {
  const auto seed =
      static_cast<std::uint64_t>(ngx_random()) << 32 ^ static_cast<std::uint64_t>(ngx_pid) << 16 ^ now_ms();
  if (conf.agent_rules != nullptr) agents_.emplace(*conf.agent_rules, SplitMix64(seed).next());
  adopt_timer_.start(cycle->log, kAdoptEveryMs, on_adopt_tick, this);
  repair_timer_.start(cycle->log, kRepairEveryMs, on_repair_tick, this);
}

Worker::~Worker() {
  parking_.stop();
  if (journal_) journal_->close(ngx_terminate ? kFastCloseMs : kGracefulCloseMs);
  publisher_.stop();
  // The slot goes last: its number names the journal and the counters.
  journal_.reset();
  snapshot_.reset();
  state_.reset();
  slot_.reset();
}

void Worker::complete() noexcept {
  guarded(cycle_->log, [&] {
    std::string problem = lease();
    if (problem.empty() && !journal_ && conf_.journal_path != nullptr) problem = open_journal();
    report(std::move(problem));
    place_finder_.refresh(cycle_->log);
    snapshot();
    write_line();
  });
}

std::string Worker::lease() {
  using Standing = WorkerSlot::Standing;
  const std::uint64_t latest_ms = now_ms() + kMaxAheadMs;
  const Standing standing = slot_ ? slot_->keep() : Standing::sound;
  displaced_ = displaced_ || standing != Standing::sound;
  if (standing == Standing::disputed) slot_.reset();
  // After a clock that was far ahead was put right, ids of its slot would carry the wrong time until that comes.
  const bool of_the_future = slot_ && slot_->is_ahead_of(latest_ms);
  const bool leaving = of_the_future || displaced_;
  if (ready() && (!leaving || ngx_exiting)) return {};

  const std::string anchor_path(conf_.journal_path == nullptr ? std::string_view{} : view(conf_.journal_path->name));
  auto slot = WorkerSlot::lease(run_path_, anchor_path, latest_ms);
  if (!slot) return slot.error().message;
  if (!state_ || displaced_) {
    if (std::string problem = open_state(); !problem.empty()) return problem;
  }
  if (leaving) {
    ngx_log_error(NGX_LOG_WARN, cycle_->log, 0, "tributary: slot %uD is taken instead of another: %s",
                  (*slot)->number(), of_the_future ? "the clock was put back" : "the run directory was emptied");
  }
  if (snapshot_) (*slot)->acknowledge(pack_generation(snapshot_->generation()));
  slot_ = std::move(*slot);
  displaced_ = false;
  return {};
}

std::string Worker::open_state() {
  if (publisher_.busy()) return "a push into the former run directory is under way";
  auto board = std::make_unique<WorkerBoard>(run_path_);
  auto state = SharedState::open(run_path_, conf_.tables);
  if (!state) return state.error().message;
  // A master does this before it forks; in a run directory that it has not seen, the first worker does.
  if ((*state)->published() == 0) restore_generation(cycle_, conf_, **state);
  SnapshotStore(std::string(view(conf_.snapshot_path->name)), run_path_).remove_leftovers();
  close_journal();
  board_ = std::move(board);
  state_ = std::move(*state);
  seen_ = 0;
  publisher_.start(cycle_, std::string(view(conf_.snapshot_path->name)), run_path_,
                   conf_.journal_path == nullptr ? std::string() : std::string(view(conf_.journal_path->name)),
                   *state_);
  return {};
}

std::string Worker::open_journal() {
  JournalOptions options;
  options.run_path = run_path_;
  options.journal_path = std::string(view(conf_.journal_path->name));
  options.edge = static_cast<std::uint32_t>(conf_.edge_number);
  options.slot = slot_->number();
  options.ring_bytes = conf_.ring_bytes;
  options.segment_bytes = conf_.segment_bytes;
  options.sync_interval_ms = static_cast<std::uint32_t>(conf_.sync_ms);
  auto journal = Journal::open(options);
  if (!journal) return journal.error().message;
  if (!parking_.start(cycle_, **journal)) return "no connection to spare for the journal: raise worker_connections";
  journal_ = std::move(*journal);
  return {};
}

// Its ring was in a run directory that is gone: nobody could flush it later.
void Worker::close_journal() {
  if (!journal_) return;
  journal_->close(kFastCloseMs);
  parking_.settle();
  parking_.stop();
  const JournalStatus last = journal_->status();
  if (last.durable < last.committed) {
    ngx_log_error(NGX_LOG_ERR, cycle_->log, 0, "tributary: %uL bytes of events are lost with the former run directory",
                  static_cast<uint64_t>(last.committed - last.durable));
  }
  journal_.reset();
}

void Worker::report(std::string problem) {
  if (problem == problem_) return;
  if (problem.empty()) {
    ngx_log_error(NGX_LOG_NOTICE, cycle_->log, 0, "tributary: complete again");
  } else {
    ngx_log_error(NGX_LOG_ERR, cycle_->log, 0, "tributary: serving degraded: %s", problem.c_str());
  }
  problem_ = std::move(problem);
}

void Worker::adopt() noexcept {
  seen_ = state_->published();
  guarded(cycle_->log, [&] {
    // The first one may have been verified by an older build; later ones were published in this worker's life.
    const bool verified = snapshot_ != nullptr;
    auto loaded = SnapshotView::load(run_path_ + "/snapshots", unpack_generation(seen_), verified);
    if (!loaded) {
      // The old one goes on serving; the next publication is looked at again.
      ngx_log_error(NGX_LOG_ERR, cycle_->log, 0, "tributary: generation not adopted: %s",
                    loaded.error().message.c_str());
      return;
    }
    snapshot_ = std::move(*loaded);
    if (slot_) slot_->acknowledge(seen_);
    count(Counter::snapshot_swaps);
  });
}

EventHeader Worker::event_header(const SnapshotView* snapshot) const noexcept {
  EventHeader header;
  header.time_us = now_ms() * 1000;
  header.edge = static_cast<std::uint32_t>(conf_.edge_number);
  header.slot = slot_->number();
  if (snapshot != nullptr) {
    header.epoch = snapshot->generation().epoch;
    header.generation = snapshot->generation().counter;
  }
  return header;
}

void Worker::write_line() noexcept {
  if (!ready()) return;
  board_->write({slot_->number(), static_cast<std::uint64_t>(ngx_pid), static_cast<std::uint64_t>(started_s_),
                 snapshot_ ? pack_generation(snapshot_->generation()) : 0, parking_.size(),
                 journal_ ? journal_->status() : JournalStatus{}});
}

std::vector<WorkerReport> Worker::live_workers() {
  if (!ready()) return {};
  write_line();
  std::vector<std::uint32_t> live;
  for (const LiveSlot& slot : live_slots(run_path_)) live.push_back(slot.number);
  return board_->read(live);
}

void Worker::on_adopt_tick(void* worker) noexcept {
  static_cast<Worker*>(worker)->snapshot();
}

void Worker::on_repair_tick(void* opaque) noexcept {
  auto* self = static_cast<Worker*>(opaque);
  // A worker whose master was killed would serve the old configuration for ever beside a new master.
  if (ngx_process == NGX_PROCESS_WORKER && getppid() != ngx_parent && !ngx_exiting && !ngx_quit) {
    ngx_log_error(NGX_LOG_ERR, self->cycle_->log, 0, "tributary: the master is gone, draining");
    ngx_quit = 1;
  }
  self->complete();
}

}  // namespace tributary
