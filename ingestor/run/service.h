#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>

#include "ingestor/run/counters.h"
#include "ingestor/run/session.h"
#include "ingestor/run/stop.h"
#include "ingestor/settings.h"

namespace tributary::ingest {

// The ingestor at work: session after session, and beside it the maintenance and the sender of outbound postbacks.
// start() returns at once.
class Service {
 public:
  explicit Service(const IngestorSettings& settings) : settings_(settings) {}
  ~Service();

  void start();

  enum class Stopped : std::uint8_t { clean, maintenance_hangs, outbound_hangs, session_hangs };

  // Asks everything to end and waits for the sessions at most as long as given, then a moment for the
  // others. When
  // something hangs, the process should end at once, which loses nothing: PostgreSQL rolls back what was not committed,
  // and it is read again.
  Stopped stop(std::chrono::milliseconds time);

  std::string metrics() const;
  std::string health() const;  // JSON
  bool healthy() const { return counters_.connected; }

 private:
  void run_sessions();

  const IngestorSettings& settings_;
  Counters counters_;
  Stop stop_;
  Stop sessions_ended_;
  Stop maintenance_ended_;
  Stop outbound_ended_;
  mutable std::mutex mutex_;          // guards session_ against being read while it goes
  const Session* session_ = nullptr;  // the one that runs now
  std::thread sessions_;
  std::thread maintenance_;
  std::thread outbound_;
};

}  // namespace tributary::ingest
