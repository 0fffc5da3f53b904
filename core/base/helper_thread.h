#pragma once

#include <pthread.h>
#include <sched.h>
#include <signal.h>

// What a thread beside an event loop needs. The loop keeps its signals and its processor.
namespace tributary {

// While it lives, threads that are made inherit that no signal is theirs.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// Called on the thread: a worker may be pinned to one processor, and its helpers shall not compete with it there.
inline void reset_affinity() noexcept {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) CPU_SET(cpu, &all);
  ::sched_setaffinity(0, sizeof(all), &all);
}

}  // namespace tributary
