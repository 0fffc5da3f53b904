#include "ingestor/outbound/sender.h"

#include <unistd.h>

#include <map>
#include <memory>
#include <random>

#include "core/base/clock.h"
#include "ingestor/outbound/outbox_store.h"
#include "ingestor/outbound/request.h"
#include "ingestor/run/backoff.h"
#include "ingestor/store/crash_point.h"
#include "platform/log/log.h"

namespace tributary::ingest {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(500);
constexpr auto kLoop = std::chrono::milliseconds(50);
constexpr std::uint64_t kBacklogEveryMs = 5'000;
constexpr std::uint32_t kStatementTimeoutMs = 30'000;

// Of this life: a number of a process alone comes again in a container.
std::string sender_name() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return std::string(host) + ":" + std::to_string(getpid()) + ":" + std::to_string(std::random_device{}());
}

class Sender {
 public:
  Sender(const IngestorSettings& settings, Counters& counters)
      : settings_(settings), outbound_(settings.outbound), counters_(counters), client_(outbound_.guard) {}

  void run(Stop& stop) {
    while (!stop.requested()) {
      step(true);
      client_.wait(kLoop);
    }
    const std::uint64_t until_ms = wall_clock_ms() + static_cast<std::uint64_t>(outbound_.timeout.count());
    while (client_.running() > 0 && wall_clock_ms() < until_ms) {
      client_.wait(kLoop);
      step(false);
    }
    step(false);
  }

 private:
  // Never throws: without PostgreSQL it tries again later.
  void step(bool claim) {
    const std::uint64_t now_ms = wall_clock_ms();
    if (now_ms < try_again_ms_) return;
    try {
      if (!store_) connect();
      record();
      if (claim && now_ms >= next_claim_ms_) take_more(now_ms);
      if (now_ms >= next_backlog_ms_) look_at_backlog(now_ms);
    } catch (const std::exception& error) {
      store_.reset();
      counters_.outbound_connected = false;
      const auto wait = backoff_.next();
      try_again_ms_ = now_ms + static_cast<std::uint64_t>(wait.count());
      log::warning("outbound postbacks wait for PostgreSQL", {{"error", error.what()}});
    }
  }

  void connect() {
    ConnectOptions options = settings_.connection("outbound");
    options.statement_timeout_ms = kStatementTimeoutMs;
    store_ = std::make_unique<OutboxStore>(outbound_, Connection(options), name_);
    counters_.outbound_connected = true;
    backoff_.reset();
  }

  void record() {
    if (finished_.empty()) return;
    crash_point("outbound_answered");
    const OutboxStore::Recorded recorded = store_->record(finished_);
    for (const OutboxResult& result : finished_) count(result);
    for (const std::int32_t template_id : recorded.paused) {
      ++counters_.outbound_pauses;
      log::error("an outbound template is paused: its peer fails again and again", {{"template", template_id}});
    }
    finished_.clear();
  }

  void count(const OutboxResult& result) {
    if (result.error.empty()) {
      ++counters_.outbound_sent;
      return;
    }
    ++counters_.outbound_failures;
    if (!result.retry_in) ++counters_.outbound_given_up;
  }

  // Memory is bounded by what is on its way and what is not recorded yet.
  void take_more(std::uint64_t now_ms) {
    const std::size_t room = outbound_.concurrency - std::min(outbound_.concurrency, client_.running());
    const auto claimed = room == 0 ? std::vector<OutboxEntry>() : store_->claim(room, busy_hosts());
    crash_point(claimed.empty() ? "" : "outbound_claimed");
    std::vector<OutboxEntry> too_many;
    for (const OutboxEntry& entry : claimed) {
      if (running_[entry.host] >= limit_of(entry)) {
        too_many.push_back(entry);
      } else {
        send(entry);
      }
    }
    store_->release(too_many);
    const bool more = !claimed.empty() && too_many.empty();
    next_claim_ms_ = now_ms + (more ? 0 : static_cast<std::uint64_t>(kPoll.count()));
    counters_.outbound_running = client_.running();
  }

  // A peer that has failed too often gets one postback at a time.
  std::size_t limit_of(const OutboxEntry& entry) const {
    return entry.failures >= outbound_.pause_after ? 1 : outbound_.per_host;
  }

  std::vector<std::string> busy_hosts() const {
    std::vector<std::string> hosts;
    for (const auto& [host, running] : running_) {
      if (running >= outbound_.per_host) hosts.push_back(host);
    }
    return hosts;
  }

  void send(const OutboxEntry& entry) {
    MadeRequest made = make_request(entry, outbound_);
    OutboxResult result;
    result.entry = entry;
    result.started_us = static_cast<std::int64_t>(wall_clock_ms()) * 1000;
    result.url = made.error.empty() ? made.request.url : entry.url;
    result.body = made.body;
    if (!made.error.empty()) {
      OutboundAnswer none;
      none.error = made.error;
      return conclude(std::move(result), std::move(none));
    }
    ++running_[entry.host];
    client_.start(std::move(made.request), [this, result = std::move(result)](OutboundAnswer answer) mutable {
      const auto host = running_.find(result.entry.host);
      if (--host->second == 0) running_.erase(host);
      next_claim_ms_ = 0;
      conclude(std::move(result), std::move(answer));
    });
  }

  void conclude(OutboxResult result, OutboundAnswer answer) {
    result.error = failure_of(result.entry, answer);
    result.took = answer.took;
    result.status = answer.status;
    result.answer = std::move(answer.body);
    if (!result.error.empty()) result.retry_in = outbound_.retries.wait_after(result.entry.attempt, random_);
    finished_.push_back(std::move(result));
  }

  void look_at_backlog(std::uint64_t now_ms) {
    const OutboxStore::Backlog backlog = store_->backlog();
    counters_.outbound_lag_s = backlog.lag_s;
    counters_.outbound_paused = backlog.paused;
    next_backlog_ms_ = now_ms + kBacklogEveryMs;
  }

  const IngestorSettings& settings_;
  const OutboundSettings& outbound_;
  Counters& counters_;
  const std::string name_ = sender_name();
  std::minstd_rand random_{std::random_device{}()};
  Backoff backoff_{std::random_device{}()};
  std::unique_ptr<OutboxStore> store_;
  std::vector<OutboxResult> finished_;          // not recorded yet
  std::map<std::string, std::size_t> running_;  // by host
  std::uint64_t next_claim_ms_ = 0;
  std::uint64_t next_backlog_ms_ = 0;
  std::uint64_t try_again_ms_ = 0;
  OutboundClient client_;  // last: its callbacks use the others
};

}  // namespace

void run_outbound(const IngestorSettings& settings, Counters& counters, Stop& stop) {
  Sender(settings, counters).run(stop);
}

}  // namespace tributary::ingest
