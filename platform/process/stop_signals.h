#pragma once

#include <csignal>

namespace tributary {

// How a service is asked to end. Make it before any thread: they all inherit that SIGTERM and SIGINT are blocked, so
// that only wait() gets them. SIGPIPE is ignored.
class StopSignals {
 public:
  StopSignals();

  int wait() const;  // returns the signal

 private:
  sigset_t signals_;
};

}  // namespace tributary
