#pragma once

#include <mutex>
#include <thread>

#include "ingestor/run/counters.h"
#include "ingestor/run/session.h"
#include "ingestor/run/stop.h"
#include "ingestor/settings.h"

namespace tributary::ingest {

// The ingestor at work: session after session, and the maintenance beside it. start() returns at once.
class Service {
 public:
  explicit Service(const IngestorSettings& settings) : settings_(settings) {}
  ~Service();

  void start();

  // Asks everything to end and waits for it. False when it took longer than the time given; then the process should
  // end at once, which loses nothing: what was not committed is read again.
  bool stop(std::chrono::milliseconds time);

  std::string metrics() const;
  std::string health() const;  // JSON
  bool healthy() const { return counters_.connected; }

 private:
  void run_sessions();

  const IngestorSettings& settings_;
  Counters counters_;
  Stop stop_;
  Stop ended_;
  mutable std::mutex mutex_;          // guards session_ against being read while it goes
  const Session* session_ = nullptr;  // the one that runs now
  std::thread sessions_;
  std::thread maintenance_;
};

}  // namespace tributary::ingest
