#include "ingestor/run/service.h"

#include <random>

#include "ingestor/outbound/sender.h"
#include "ingestor/run/backoff.h"
#include "ingestor/run/maintenance.h"
#include "platform/log/log.h"

namespace tributary::ingest {
namespace {

constexpr auto kOthersStopTime = std::chrono::seconds(2);

}  // namespace

Service::~Service() {
  stop_.request();
  if (sessions_.joinable()) sessions_.join();
  if (maintenance_.joinable()) maintenance_.join();
  if (outbound_.joinable()) outbound_.join();
}

void Service::start() {
  sessions_ = std::thread([this] {
    run_sessions();
    sessions_ended_.request();
  });
  maintenance_ = std::thread([this] {
    run_maintenance(settings_, counters_, stop_);
    maintenance_ended_.request();
  });
  outbound_ = std::thread([this] {
    run_outbound(settings_, counters_, stop_);
    outbound_ended_.request();
  });
}

Service::Stopped Service::stop(std::chrono::milliseconds time) {
  stop_.request();
  if (!sessions_ended_.wait_for(time)) return Stopped::session_hangs;
  if (!outbound_ended_.wait_for(settings_.outbound.timeout + kOthersStopTime)) return Stopped::outbound_hangs;
  return maintenance_ended_.wait_for(kOthersStopTime) ? Stopped::clean : Stopped::maintenance_hangs;
}

void Service::run_sessions() {
  Backoff backoff(std::random_device{}());
  while (!stop_.requested()) {
    const std::uint64_t batches = counters_.batches;
    try {
      Session session(settings_, counters_);
      {
        const std::lock_guard lock(mutex_);
        session_ = &session;
      }
      struct Leave {
        Service& service;
        ~Leave() {
          const std::lock_guard lock(service.mutex_);
          service.session_ = nullptr;
          service.counters_.connected = false;
        }
      } const leave{*this};
      session.run(stop_);
    } catch (const std::exception& error) {
      ++counters_.session_failures;
      counters_.set_problem(error.what());
      if (counters_.batches != batches) backoff.reset();
      const auto wait = backoff.next();
      log::error("nothing is stored at the moment, trying again",
                 {{"error", error.what()}, {"wait_ms", static_cast<std::int64_t>(wait.count())}});
      stop_.wait_for(wait);
    }
  }
}

}  // namespace tributary::ingest
