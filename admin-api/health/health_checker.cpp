#include "admin-api/health/health_checker.h"

#include <map>
#include <random>
#include <set>
#include <utility>

#include "admin-api/health/checker_lock.h"
#include "admin-api/health/health_store.h"
#include "admin-api/health/probe.h"
#include "platform/log/log.h"
#include "platform/net/outbound_client.h"
#include "platform/prometheus/prometheus.h"

namespace tributary::admin {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kMaxQueue = 2'000;  // read at a time; the others are still due at the next look
constexpr std::chrono::hours kPruneInterval{1};
constexpr milliseconds kStall{500};

CheckResult judge(const HealthTarget& target, const OutboundAnswer& answer) {
  CheckResult result{false, answer.status, answer.took, answer.error};
  result.passed = answer.status >= target.expected_from && answer.status <= target.expected_to;
  if (!result.passed && result.error.empty()) {
    result.error = "HTTP " + std::to_string(answer.status) + ", expected " + std::to_string(target.expected_from) +
                   " to " + std::to_string(target.expected_to);
  }
  return result;
}

}  // namespace

// Everything that only the thread touches.
class HealthChecker::Work {
 public:
  explicit Work(HealthChecker& owner) : owner_(owner), lock_(owner.options_.connect), client_(owner.options_.guard) {}
  void run();
  void wake() noexcept { client_.wake(); }

 private:
  void look(Clock::time_point now);
  void pause(const std::string& why);
  void start_due();
  void start(const HealthTarget& target, const Probe& probe);
  void store(const HealthTarget& target, const CheckResult& result);
  milliseconds next_in(const HealthTarget& target);

  HealthChecker& owner_;
  CheckerLock lock_;
  std::vector<HealthTarget> queue_;
  std::set<int> running_;
  std::map<std::string, unsigned> hosts_;  // checks that run, by host
  Clock::time_point look_at_;
  Clock::time_point prune_at_;
  bool stalled_ = false;  // PostgreSQL held us up: a check may have failed because nobody listened, so it is repeated
  std::string trouble_;   // that was logged last
  std::minstd_rand random_{std::random_device{}()};
  OutboundClient client_;  // last: its callbacks refer to the others
};

void HealthChecker::Work::run() {
  while (!owner_.stopping_) {
    const auto now = Clock::now();
    try {
      if (owner_.asked_.exchange(false) || now >= look_at_) look(now);
    } catch (const std::exception& error) {
      pause(error.what());
    }
    start_due();
    owner_.counters_.running = running_.size();
    const auto waits = Clock::now();
    stalled_ = waits - now > kStall;
    client_.wait(std::max(std::chrono::ceil<milliseconds>(look_at_ - waits), milliseconds(0)));
  }
}

void HealthChecker::Work::look(Clock::time_point now) {
  look_at_ = now + owner_.options_.look_interval;
  queue_.clear();
  owner_.counters_.active = lock_.hold();
  if (!owner_.counters_.active) return;
  queue_ = read_due_targets(owner_.pool_, kMaxQueue);
  trouble_.clear();
  if (now < prune_at_) return;
  prune_at_ = now + kPruneInterval;
  drop_old_checks(owner_.pool_, owner_.options_.history_days);
}

// PostgreSQL is away. What runs is finished, nothing new begins.
void HealthChecker::Work::pause(const std::string& why) {
  owner_.counters_.active = false;
  queue_.clear();
  if (trouble_ != why) log::warning("destinations are not checked", {{"error", why}});
  trouble_ = why;
}

// Whoever waits for his host stays in the queue.
void HealthChecker::Work::start_due() {
  std::vector<HealthTarget> waiting;
  for (auto& target : std::exchange(queue_, {})) {
    if (running_.contains(target.destination)) continue;
    const auto probe = probe_url(target.url);
    if (!probe) {
      store(target, {false, 0, milliseconds(0), "the URL is not one without its macros"});
    } else if (running_.size() >= owner_.options_.concurrency || hosts_[probe->host] >= owner_.options_.per_host) {
      waiting.push_back(std::move(target));
    } else {
      start(target, *probe);
    }
  }
  if (owner_.counters_.active) queue_ = std::move(waiting);
  std::erase_if(hosts_, [](const auto& host) { return host.second == 0; });
}

void HealthChecker::Work::start(const HealthTarget& target, const Probe& probe) {
  client_.start({.url = probe.url,
                 .method = target.method,
                 .headers = {"User-Agent: tributary-health", "Accept: */*"},
                 .timeout = target.timeout},
                [this, target, host = probe.host](const OutboundAnswer& answer) {
                  running_.erase(target.destination);
                  --hosts_[host];
                  const auto result = judge(target, answer);
                  if (result.passed || !stalled_) store(target, result);
                });
  running_.insert(target.destination);
  ++hosts_[probe.host];
}

void HealthChecker::Work::store(const HealthTarget& target, const CheckResult& result) {
  ++(result.passed ? owner_.counters_.passed : owner_.counters_.failed);
  try {
    if (!store_check(owner_.pool_, target, result, next_in(target))) return;
  } catch (const std::exception& error) {  // it is still due and will be asked again
    ++owner_.counters_.not_stored;
    return pause(error.what());
  }
  ++owner_.counters_.changes;
  log::info(result.passed ? "a destination came back" : "a destination is down",
            {{"destination", target.destination}, {"error", result.error}});
  owner_.on_change_();
}

// Spread by a tenth to either side, so that destinations of one host drift apart.
milliseconds HealthChecker::Work::next_in(const HealthTarget& target) {
  std::uniform_real_distribution<double> spread(0.9, 1.1);
  return std::chrono::duration_cast<milliseconds>(target.interval * spread(random_));
}

HealthChecker::HealthChecker(ConnectionPool& pool, HealthOptions options, std::function<void()> on_change)
    : pool_(pool), options_(std::move(options)), on_change_(std::move(on_change)) {}

HealthChecker::~HealthChecker() {
  stop();
}

void HealthChecker::start() {
  work_ = std::make_unique<Work>(*this);
  thread_ = std::thread([this] { work_->run(); });
}

void HealthChecker::stop() noexcept {
  if (!thread_.joinable()) return;
  stopping_ = true;
  work_->wake();
  thread_.join();
  work_.reset();
}

void HealthChecker::notify() noexcept {
  asked_ = true;
  if (work_) work_->wake();
}

void HealthChecker::add_metrics(PrometheusWriter& out) const {
  out.counter("tributary_admin_health_checks_total", "Checks of destinations, by outcome.");
  out.sample(counters_.passed.load(), {{"outcome", "passed"}});
  out.sample(counters_.failed.load(), {{"outcome", "failed"}});
  out.counter("tributary_admin_health_changes_total", "Destinations that went down or came back.");
  out.sample(counters_.changes.load());
  out.counter("tributary_admin_health_not_stored_total", "Checks whose outcome PostgreSQL could not take.");
  out.sample(counters_.not_stored.load());
  out.gauge("tributary_admin_health_running", "Checks that run.");
  out.sample(counters_.running.load());
  out.gauge("tributary_admin_health_active", "1: this process checks; 0: another one does, or PostgreSQL is away.");
  out.sample(std::uint64_t{counters_.active ? 1u : 0u});
}

}  // namespace tributary::admin
