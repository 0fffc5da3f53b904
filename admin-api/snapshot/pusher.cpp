#include "admin-api/snapshot/pusher.h"

#include <algorithm>

#include "admin-api/snapshot/edge_table.h"
#include "core/snapshot/format.h"
#include "platform/log/log.h"

namespace tributary::admin {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPushTimeout{30'000};
constexpr milliseconds kLongestWait{1'000};
constexpr std::chrono::seconds kClockInterval{5};  // how late a campaign may begin; looks at all of them

}  // namespace

// Everything that only the thread touches.
class Pusher::Work {
 public:
  explicit Work(Pusher& owner) : owner_(owner) {}
  void run();
  void wake() noexcept { client_.wake(); }

 private:
  void look(Clock::time_point now);
  void compile();
  void visit_edges(Clock::time_point now);
  void push(Edge& edge);
  void ask(Edge& edge);
  void on_push(const EdgeRecord& asked, Generation generation, const OutboundAnswer& answer);
  void on_report(const EdgeRecord& asked, const OutboundAnswer& answer);
  bool holds_foreign_configuration(const EdgeReport& report) const noexcept;
  void fail(Edge& edge, const std::string& why);
  milliseconds time_to_wait(Clock::time_point now) const;

  Pusher& owner_;
  Compiled newest_;
  bool pending_ = false;  // the generation moved; compiled when the debounce is over
  Clock::time_point compile_at_;
  Clock::time_point look_at_;
  Clock::time_point advance_at_;
  EdgeTable edges_;
  OutboundClient client_ = OutboundClient::unguarded();  // last: its callbacks refer to the others
};

void Pusher::Work::run() {
  while (!owner_.stopping_) {
    const auto now = Clock::now();
    try {
      if (owner_.changed_.exchange(false) || now >= look_at_) look(now);
      if (pending_ && now >= compile_at_) compile();
      visit_edges(now);
    } catch (const std::exception& error) {  // PostgreSQL is away: edges keep what they have, we try again
      log::warning("the pusher could not work", {{"error", error.what()}});
      look_at_ = now + owner_.options_.look_interval;
    }
    client_.wait(time_to_wait(Clock::now()));
  }
}

void Pusher::Work::look(Clock::time_point now) {
  look_at_ = now + owner_.options_.look_interval;
  if (now >= advance_at_) {
    advance_at_ = now + kClockInterval;
    advance_for_time(owner_.pool_);
  }
  edges_.refresh(read_edges(owner_.pool_), {owner_.options_.check_interval, owner_.options_.longest_pause});
  const auto generation = read_generation(owner_.pool_);
  if (generation == newest_.generation || pending_) return;
  pending_ = true;
  compile_at_ = now + owner_.options_.debounce;
}

void Pusher::Work::compile() {
  const auto begun = Clock::now();
  auto compiled = compile_snapshot(owner_.pool_);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
  pending_ = false;
  owner_.counters_.last_compile_us = static_cast<std::uint64_t>(took.count());
  for (const auto& [entity, field, reason] : compiled.problems) {
    log::error(compiled.bytes ? "left out of the configuration" : "the configuration cannot be compiled",
               {{"entity", entity}, {"field", field}, {"reason", reason}});
  }
  ++(compiled.bytes ? owner_.counters_.compiled : owner_.counters_.compile_failures);
  newest_ = std::move(compiled);
  owner_.kept_.add(newest_);
  log::info("compiled a generation", {{"epoch", newest_.generation.epoch},
                                      {"counter", newest_.generation.counter},
                                      {"bytes", newest_.bytes ? newest_.bytes->size() : 0},
                                      {"us", took.count()}});
  const std::lock_guard lock(owner_.mutex_);
  owner_.last_ = {newest_.generation, newest_.created_ms, nullptr, newest_.sha256, newest_.problems};
}

void Pusher::Work::visit_edges(Clock::time_point now) {
  // Without bytes (nothing compiled yet, or problems) edges are asked, never pushed to.
  const auto target = newest_.bytes ? newest_.generation : Generation{};
  for (auto& [number, edge] : edges_) {
    switch (edge.state.next(target, now)) {
      case EdgeState::Step::push: push(edge); break;
      case EdgeState::Step::ask: ask(edge); break;
      case EdgeState::Step::nothing: break;
    }
  }
}

void Pusher::Work::push(Edge& edge) {
  const PushContent content{PushKind::snapshot, newest_.generation, kSnapshotFormat, newest_.bytes, newest_.sha256};
  ++owner_.counters_.pushes;
  client_.start(push_request(edge.record, content, owner_.options_.key, kPushTimeout),
                [this, asked = edge.record, generation = newest_.generation](const OutboundAnswer& answer) {
                  on_push(asked, generation, answer);
                });
}

void Pusher::Work::ask(Edge& edge) {
  client_.start(report_request(edge.record),
                [this, asked = edge.record](const OutboundAnswer& answer) { on_report(asked, answer); });
}

void Pusher::Work::on_push(const EdgeRecord& asked, Generation generation, const OutboundAnswer& answer) {
  auto* edge = edges_.find(asked);
  if (edge == nullptr) return;
  if (answer.status != 200) return fail(*edge, "push refused: " + describe(answer));
  log::info("pushed", {{"edge", edge->record.name}, {"counter", generation.counter}});
  edge->state.pushed(generation, Clock::now());
}

void Pusher::Work::on_report(const EdgeRecord& asked, const OutboundAnswer& answer) {
  auto* edge = edges_.find(asked);
  if (edge == nullptr) return;
  if (answer.status != 200) return fail(*edge, describe(answer));
  try {
    const auto report = read_edge_report(answer.body);
    if (report.number != asked.number || report.name != edge->record.name) {
      return fail(*edge, "edge " + report.name + " number " + std::to_string(report.number) +
                             " answers there: correct tributary_edge or the push URL");
    }
    if (holds_foreign_configuration(report)) {
      return fail(*edge, "the edge has this generation of another database; run tributary-admin new-epoch");
    }
    const bool was = edge->state.acknowledges(newest_.generation);
    edge->state.answered(report.generation, report.acknowledged, Clock::now());
    edge->logged.clear();
    const bool is = edge->state.acknowledges(newest_.generation);
    if (is && !was) {
      log::info("acknowledged", {{"edge", edge->record.name}, {"counter", report.generation.counter}});
    }
    if (report.generation > newest_.generation && newest_.bytes) {
      return fail(*edge, "the edge is ahead of this database; after a restore run tributary-admin new-epoch");
    }
    record_answer(owner_.pool_, edge->record, report);
  } catch (const std::exception& error) {
    fail(*edge, error.what());
  }
}

// A database that was restored or made anew counts through numbers that its edges have seen with other content.
bool Pusher::Work::holds_foreign_configuration(const EdgeReport& report) const noexcept {
  const bool comparable = newest_.bytes && report.created_ms != 0 && report.generation == newest_.generation;
  return comparable && report.created_ms != newest_.created_ms;
}

void Pusher::Work::fail(Edge& edge, const std::string& why) {
  ++owner_.counters_.push_failures;
  edge.state.failed(why, Clock::now());
  if (edge.logged != why) log::warning("an edge does not follow", {{"edge", edge.record.name}, {"reason", why}});
  edge.logged = why;
  try {
    record_failure(owner_.pool_, edge.record, why);
  } catch (const std::exception& error) {
    log::warning("could not record the failure of an edge", {{"error", error.what()}});
  }
}

milliseconds Pusher::Work::time_to_wait(Clock::time_point now) const {
  auto until = std::min(look_at_, now + kLongestWait);
  if (pending_) until = std::min(until, compile_at_);
  until = edges_.next_due(now, until);
  return std::max(std::chrono::ceil<milliseconds>(until - now), milliseconds(0));
}

Pusher::Pusher(ConnectionPool& pool, PusherOptions options) : pool_(pool), options_(options) {}

Pusher::~Pusher() {
  stop();
}

void Pusher::start() {
  work_ = std::make_unique<Work>(*this);
  thread_ = std::thread([this] { work_->run(); });
}

void Pusher::stop() noexcept {
  if (!thread_.joinable()) return;
  stopping_ = true;
  work_->wake();
  thread_.join();
  work_.reset();
}

void Pusher::notify() noexcept {
  changed_ = true;
  if (work_) work_->wake();
}

Compiled Pusher::last_compiled() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

}  // namespace tributary::admin
