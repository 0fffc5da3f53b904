#include "admin-api/snapshot/overlay_pusher.h"

#include <algorithm>
#include <map>
#include <optional>

#include "admin-api/json/strict_json.h"
#include "admin-api/snapshot/cap_totals.h"
#include "admin-api/snapshot/edge_table.h"
#include "admin-api/snapshot/overlay_source.h"
#include "core/state/overlay.h"
#include "platform/log/log.h"
#include "platform/prometheus/prometheus.h"

namespace tributary::admin {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTimeout{5'000};

constexpr milliseconds kTotalsPause{1'000};

struct OverlayReport {
  Generation version;              // of the overlay in force
  std::optional<CapRequest> asks;  // for the totals of its caps
};

Generation read_version(const boost::json::object& object) {
  return {static_cast<std::uint16_t>(object.at("epoch").as_int64()),
          static_cast<std::uint64_t>(object.at("counter").as_int64())};
}

// What an edge answered to GET. Throws for the answer of something else.
OverlayReport read_overlay_report(const std::string& body) {
  try {
    const auto document = parse_strict(body);
    const auto& answer = document.as_object();
    OverlayReport report{read_version(answer.at("overlay").as_object()), std::nullopt};
    const auto* caps = answer.if_contains("caps");
    if (caps != nullptr && !caps->as_object().at("known").as_bool()) {
      const std::string life(caps->as_object().at("life").as_string());
      report.asks = CapRequest{std::stoull(life, nullptr, 16), read_version(answer)};
    }
    return report;
  } catch (const std::exception&) {
    throw std::runtime_error("no edge that takes overlays answers there");
  }
}

}  // namespace

// Everything that only the thread touches.
class OverlayPusher::Work {
 public:
  explicit Work(OverlayPusher& owner) : owner_(owner) {}
  void run();
  void wake() noexcept { client_.wake(); }

 private:
  void look(Clock::time_point now);
  void visit_edges(Clock::time_point now);
  void push(Edge& edge);
  BuiltOverlay overlay_for(const Edge& edge);
  void note_caps(Edge& edge, const OverlayReport& report);
  void on_push(const EdgeRecord& asked, Generation version, const OutboundAnswer& answer);
  void on_report(const EdgeRecord& asked, const OutboundAnswer& answer);
  void fail(Edge& edge, const std::string& why);
  milliseconds time_to_wait(Clock::time_point now) const;

  OverlayPusher& owner_;
  BuiltOverlay newest_;
  Clock::time_point look_at_;
  std::string trouble_;  // that was logged last
  struct Totals {
    CapRequest request;
    Clock::time_point due;
  };
  std::map<int, Totals> totals_;  // by the number of the edge that asks for them
  EdgeTable edges_;
  OutboundClient client_ = OutboundClient::unguarded();  // last: its callbacks refer to the others
};

void OverlayPusher::Work::run() {
  while (!owner_.stopping_) {
    const auto now = Clock::now();
    try {
      if (owner_.changed_.exchange(false) || now >= look_at_) look(now);
    } catch (const std::exception& error) {  // PostgreSQL is away: edges keep what they have
      if (trouble_ != error.what()) log::warning("overlays are not read", {{"error", error.what()}});
      trouble_ = error.what();
    }
    visit_edges(now);
    client_.wait(time_to_wait(Clock::now()));
  }
}

void OverlayPusher::Work::look(Clock::time_point now) {
  look_at_ = now + owner_.options_.look_interval;
  edges_.refresh(read_edges(owner_.pool_), {owner_.options_.check_interval, owner_.options_.longest_pause});
  auto built = read_overlay_facts(owner_.pool_);
  trouble_.clear();
  if (built.version != newest_.version) {
    log::info("overlay", {{"epoch", built.version.epoch}, {"counter", built.version.counter}});
  }
  newest_ = std::move(built);
  owner_.version_ = newest_.version.counter;
}

void OverlayPusher::Work::visit_edges(Clock::time_point now) {
  if (!newest_.bytes) return;
  std::uint64_t behind = 0;
  for (auto& [number, edge] : edges_) {
    switch (edge.state.next(newest_.version, now)) {
      case EdgeState::Step::push: push(edge); break;
      case EdgeState::Step::ask:
        client_.start(report_request(edge.record),
                      [this, asked = edge.record](const OutboundAnswer& answer) { on_report(asked, answer); });
        break;
      case EdgeState::Step::nothing: break;
    }
    behind += edge.state.acknowledges(newest_.version) ? 0 : 1;
  }
  owner_.behind_ = behind;
}

void OverlayPusher::Work::push(Edge& edge) {
  const auto overlay = overlay_for(edge);
  const PushContent content{PushKind::overlay, overlay.version, kOverlayFormat, overlay.bytes, overlay.sha256};
  ++owner_.pushes_;
  client_.start(push_request(edge.record, content, owner_.options_.key, kTimeout),
                [this, asked = edge.record, version = overlay.version](const OutboundAnswer& answer) {
                  on_push(asked, version, answer);
                });
}

// The state is shared by the workers of the edge: what one of them took, all have.
void OverlayPusher::Work::on_push(const EdgeRecord& asked, Generation version, const OutboundAnswer& answer) {
  auto* edge = edges_.find(asked);
  if (edge == nullptr) return;
  if (answer.status != 200) return fail(*edge, "overlay refused: " + describe(answer));
  edge->state.pushed(version, Clock::now());
}

void OverlayPusher::Work::on_report(const EdgeRecord& asked, const OutboundAnswer& answer) {
  auto* edge = edges_.find(asked);
  if (edge == nullptr) return;
  if (answer.status != 200) return fail(*edge, describe(answer));
  try {
    const auto report = read_overlay_report(answer.body);
    const auto version = report.version;
    edge->state.answered(version, true, Clock::now());
    edge->logged.clear();
    note_caps(*edge, report);
    if (version.epoch == newest_.version.epoch && version > newest_.version) {
      raise_overlay_version(owner_.pool_, version.counter);
      owner_.changed_ = true;
    }
  } catch (const std::exception& error) {
    fail(*edge, error.what());
  }
}

// An edge that asks for totals gets the overlay once more, with them, also when it has this version.
void OverlayPusher::Work::note_caps(Edge& edge, const OverlayReport& report) {
  if (!report.asks) {
    totals_.erase(edge.record.number);
    return;
  }
  auto& totals = totals_[edge.record.number];
  totals.request = *report.asks;
  if (Clock::now() < totals.due) return;
  totals.due = Clock::now() + kTotalsPause;
  edge.state.start_over();
}

BuiltOverlay OverlayPusher::Work::overlay_for(const Edge& edge) {
  const auto asks = totals_.find(edge.record.number);
  if (asks == totals_.end()) return newest_;
  try {
    if (auto totals = read_cap_totals(owner_.pool_, edge.record.number, asks->second.request)) {
      log::info("cap totals", {{"edge", edge.record.name}, {"counters", totals->totals.size()}});
      return with_cap_totals(newest_, *std::move(totals));
    }
  } catch (const std::exception& error) {  // its caps stay closed until it works
    log::warning("cap totals are not read", {{"edge", edge.record.name}, {"error", error.what()}});
  }
  return newest_;
}

void OverlayPusher::Work::fail(Edge& edge, const std::string& why) {
  ++owner_.failures_;
  edge.state.failed(why, Clock::now());
  if (edge.logged != why) log::warning("an edge has no overlay", {{"edge", edge.record.name}, {"reason", why}});
  edge.logged = why;
}

milliseconds OverlayPusher::Work::time_to_wait(Clock::time_point now) const {
  const auto until = edges_.next_due(now, look_at_);
  return std::max(std::chrono::ceil<milliseconds>(until - now), milliseconds(0));
}

OverlayPusher::OverlayPusher(ConnectionPool& pool, PusherOptions options) : pool_(pool), options_(options) {}

OverlayPusher::~OverlayPusher() {
  stop();
}

void OverlayPusher::start() {
  work_ = std::make_unique<Work>(*this);
  thread_ = std::thread([this] { work_->run(); });
}

void OverlayPusher::stop() noexcept {
  if (!thread_.joinable()) return;
  stopping_ = true;
  work_->wake();
  thread_.join();
  work_.reset();
}

void OverlayPusher::notify() noexcept {
  changed_ = true;
  if (work_) work_->wake();
}

void OverlayPusher::add_metrics(PrometheusWriter& out) const {
  out.counter("tributary_admin_overlay_pushes_total", "Pushes of overlays begun.");
  out.sample(pushes_.load());
  out.counter("tributary_admin_overlay_failures_total", "Pushes and questions that an edge did not answer well.");
  out.sample(failures_.load());
  out.gauge("tributary_admin_overlay_version", "Counter of the newest overlay.");
  out.sample(version_.load());
  out.gauge("tributary_admin_overlay_edges_behind", "Edges that are not known to have it.");
  out.sample(behind_.load());
}

}  // namespace tributary::admin
